import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyServiceDefinition, ServiceGroup, Stack } from '../src/index.ts';
import { silentLog, socketPathOf, startAllInOne } from '../src/index.ts';
import { codeOf, createLatch } from './problem-of.ts';
import { createGate, echoContract, echoService, notesContract, notesService } from './sample-service.ts';

let stack: Stack | undefined;
afterEach(() => stack?.close());

interface Seen {
  opened: number;
  worked: number;
  closed: number;
}

/** The service with what became of it. */
const watched = (definition: AnyServiceDefinition, seen: Seen): AnyServiceDefinition => ({
  ...definition,
  async createContext(options) {
    seen.opened += 1;
    const context = await definition.createContext(options);
    const close = async () => {
      seen.closed += 1;
      await context.close();
    };
    return Object.assign(Object.create(context), { close });
  },
  workers: () => [
    {
      name: 'late',
      run: (signal) =>
        new Promise((resolve) => {
          seen.worked += 1;
          signal.addEventListener('abort', () => resolve());
        }),
    },
  ],
});

const gate = createGate();
const start = (
  late: { services?: readonly string[]; open: () => Promise<ServiceGroup> },
  socketDir?: string,
) =>
  startAllInOne({
    definitions: [echoService],
    environment: {},
    adapters: { echo: { gate }, notes: { gate } },
    late: { services: late.services ?? ['notes'], open: late.open },
    log: silentLog,
    ...(socketDir === undefined
      ? { transport: 'local' }
      : { transport: 'sockets', socketDir, callsStayInside: true }),
  });

let notes = 0;
const putNote = (of: Stack) =>
  of
    .clientOf(notesContract, { retry: false })
    .putNote({ params: { noteId: `n${++notes}` }, body: { text: 'x', copies: 1 } });

test('late services start once, when the first call comes, and stop with the others', async () => {
  const seen: Seen = { opened: 0, worked: 0, closed: 0 };
  let asked = 0;
  stack = await start({
    open: async () => {
      asked += 1;
      return { definitions: [watched(notesService as AnyServiceDefinition, seen)], environment: {} };
    },
  });
  expect(Object.keys(await stack.ready())).toEqual(['echo']);
  expect(stack.services).toEqual(['echo', 'notes']);
  expect(seen.opened).toBe(0);
  await Promise.all([putNote(stack), putNote(stack), stack.wake()]);
  expect(await putNote(stack)).toMatchObject({ text: 'x' });
  expect([asked, seen]).toEqual([1, { opened: 1, worked: 1, closed: 0 }]);
  expect(Object.keys(await stack.ready())).toEqual(['echo', 'notes']);
  await stack.close();
  expect(seen.closed).toBe(1);
  await expect(stack.wake()).rejects.toThrow('the host stops');
  stack = undefined;
});

test('a call that was given up before its service ran is not done', async () => {
  const latch = createLatch();
  let done = 0;
  const handler = notesService.handlers.putNote;
  const counting = {
    ...notesService,
    handlers: {
      ...notesService.handlers,
      putNote: (...args: Parameters<typeof handler>) => {
        done += 1;
        return handler(...args);
      },
    },
  };
  stack = await start({
    open: async () => {
      await latch.opened;
      return { definitions: [counting as AnyServiceDefinition], environment: {} };
    },
  });
  const giving = new AbortController();
  const given = stack
    .clientOf(notesContract)
    .putNote({ params: { noteId: 'given-up' }, body: { text: 'x', copies: 1 } }, { signal: giving.signal });
  giving.abort(new Error('given up'));
  await expect(given).rejects.toThrow('given up');
  latch.open();
  await stack.wake();
  await putNote(stack);
  expect(done).toBe(1);
});

test('a variable may be one service’s own', async () => {
  const seen: Record<string, unknown> = {};
  const telling = (service: string): AnyServiceDefinition => ({
    ...(notesService as AnyServiceDefinition),
    contract: { ...notesContract, service },
    createContext: ({ config }) => {
      seen[service] = (config as { NOTES_PREFIX: string }).NOTES_PREFIX;
      return { close() {} };
    },
    workers: () => [],
  });
  stack = await startAllInOne({
    definitions: [telling('a'), telling('b')],
    environment: { NOTES_PREFIX: 'of all' },
    ownEnvironment: { b: { NOTES_PREFIX: 'its own' } },
    log: silentLog,
    transport: 'local',
  });
  expect(seen).toEqual({ a: 'of all', b: 'its own' });
});

test('what cannot start is unavailable, leaves nothing open, and is tried again', async () => {
  const seen: Seen = { opened: 0, worked: 0, closed: 0 };
  let broken = true;
  const failing = {
    ...(echoService as AnyServiceDefinition),
    contract: { ...echoContract, service: 'other' },
    createContext: () => {
      if (broken) throw new Error('its disk is gone');
      return { close() {} };
    },
  };
  stack = await start({
    services: ['notes', 'other'],
    open: async () => ({
      definitions: [watched(notesService as AnyServiceDefinition, seen), failing],
      environment: {},
    }),
  });
  expect(await codeOf(putNote(stack))).toBe('unavailable');
  await expect(stack.wake()).rejects.toThrow('its disk is gone');
  expect(seen).toEqual({ opened: 2, worked: 0, closed: 2 });
  broken = false;
  expect(await putNote(stack)).toMatchObject({ text: 'x' });
  expect(seen).toEqual({ opened: 3, worked: 1, closed: 2 });
});

test('a stop waits for what is about to start, and begins none of its work', async () => {
  const seen: Seen = { opened: 0, worked: 0, closed: 0 };
  const latch = createLatch();
  stack = await start({
    open: async () => {
      await latch.opened;
      return { definitions: [watched(notesService as AnyServiceDefinition, seen)], environment: {} };
    },
  });
  const waking = stack.wake();
  const closing = stack.close();
  latch.open();
  await Promise.all([waking, closing]);
  expect(seen).toEqual({ opened: 1, worked: 0, closed: 1 });
  await expect(stack.wake()).rejects.toThrow('the host stops');
  stack = undefined;
});

test('others reach a late service at its socket once it runs', async () => {
  const socketDir = mkdtempSync(join(tmpdir(), 'late-'));
  try {
    stack = await start(
      { open: async () => ({ definitions: [notesService as AnyServiceDefinition], environment: {} }) },
      socketDir,
    );
    expect(stack.targetOf('notes')).toBeNull();
    await stack.wake();
    expect(stack.targetOf('notes')).toMatchObject({ socketPath: socketPathOf(socketDir, 'notes') });
  } finally {
    await stack?.close();
    stack = undefined;
    rmSync(socketDir, { recursive: true, force: true });
  }
});
