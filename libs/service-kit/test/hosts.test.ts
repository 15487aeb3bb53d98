import type { KitErrorCode } from '../src/index.ts';
import { startTestStack, type TestStack, testTransports } from '../src/testing.ts';
import { codeOf, createLatch, problemOf } from './problem-of.ts';
import {
  createGate,
  echoContract,
  echoService,
  type Gate,
  notesContract,
  notesService,
} from './sample-service.ts';

describe.each(testTransports)('services over %s', (transport) => {
  let stack: TestStack;
  let gate: Gate;
  beforeEach(async () => {
    gate = createGate();
    stack = await startTestStack({
      definitions: [notesService, echoService],
      transport,
      adapters: { notes: { gate }, echo: { gate } },
      clientOptions: { retry: false },
      graceMs: 300,
    });
  });
  afterEach(() => stack.close());
  const notesClient = () => stack.clientOf(notesContract, { retry: false });

  it('answers what the handlers return', async () => {
    const notes = notesClient();
    const note = { noteId: 'a', text: 'hello', copies: 1 };
    expect(await notes.putNote({ params: { noteId: 'a' }, body: { text: 'hello', copies: 1 } })).toEqual(
      note,
    );
    expect(await notes.getNote({ params: { noteId: 'a' } })).toEqual(note);
    expect(await notes.dropNote({ params: { noteId: 'a' } })).toBeUndefined();
    expect(await codeOf(notes.getNote({ params: { noteId: 'a' } }))).toBe('note_missing');
  });

  it('keeps the detail and the extensions of a 4xx', async () => {
    const problem = await problemOf(notesClient().fail({ body: { how: 'exists' } }));
    expect(problem).toMatchObject({ code: 'note_exists', detail: 'It is there.', extensions: { since: 3 } });
    expect(problem.remote).toBe('notes');
  });

  const kitCodes: KitErrorCode[] = [
    'invalid_request',
    'unauthenticated',
    'forbidden',
    'not_found',
    'method_not_allowed',
    'request_timeout',
    'payload_too_large',
    'unsupported_media_type',
    'too_many_requests',
    'headers_too_large',
    'internal',
    'bad_answer',
    'unavailable',
    'deadline_exceeded',
  ];
  it.each(kitCodes)('carries %s from the handler to the client', async (how) => {
    expect(await codeOf(notesClient().fail({ body: { how } }))).toBe(how);
  });

  it.each(['bug', 'undeclared'])(
    'answers a handler that throws %s as internal, without its reason',
    async (how) => {
      const problem = await problemOf(notesClient().fail({ body: { how } }));
      expect(problem.code).toBe('internal');
      expect(problem.detail).toBeUndefined();
      expect(problem.extensions).toEqual({});
      await stack.idle();
      const line = stack.logLines.find((each) => each.status === 500);
      expect(JSON.stringify(line)).toContain(how === 'bug' ? 'the secret reason' : 'must not show');
    },
  );

  it('drops the detail of a 5xx but keeps when to come again', async () => {
    const problem = await problemOf(notesClient().fail({ body: { how: 'unavailable' } }));
    expect(problem.detail).toBeUndefined();
    expect(problem.extensions).toEqual({ retryAfterMs: 7 });
  });

  it('says where the input is wrong and repeats nothing of it', async () => {
    const body = { text: 3, copies: 100, '<script>': 1 } as never;
    const problem = await problemOf(notesClient().putNote({ params: { noteId: 'a' }, body }));
    expect(problem.code).toBe('invalid_request');
    const pointers = (problem.extensions.faults as { pointer: string }[]).map((each) => each.pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/body/text', '/body/copies', '/body']));
    expect(JSON.stringify(problem.extensions)).not.toContain('script');
    const missing = await problemOf(notesClient().putNote({ params: { noteId: 'a' }, body: {} as never }));
    expect(missing.extensions.faults).toEqual([{ pointer: '/body/text', expected: 'must be present' }]);
    expect(await codeOf(notesClient().getNote({ params: { noteId: 'A B' } }))).toBe('invalid_request');
  });

  it('fills defaults and reads queries as their types', async () => {
    const notes = notesClient();
    expect(await notes.listNotes({ query: {} as never })).toMatchObject({ limit: 10, deep: false, tags: [] });
    expect(await notes.listNotes({ query: { limit: 2, deep: true, tag: ['x'] } })).toMatchObject({
      limit: 2,
      deep: true,
      tags: ['x'],
    });
    expect(await codeOf(notes.listNotes({ query: { limit: 51 } }))).toBe('invalid_request');
    const note = await notes.putNote({ params: { noteId: 'b' }, body: { text: 'x' } as never });
    expect(note.copies).toBe(1);
  });

  it('carries bytes and refuses too many', async () => {
    const notes = notesClient();
    expect([...(await notes.reverseBytes({ body: Uint8Array.of(1, 2, 3) }))]).toEqual([3, 2, 1]);
    expect((await notes.reverseBytes({ body: new Uint8Array(0) })).length).toBe(0);
    expect((await notes.reverseBytes({ body: new Uint8Array(1024) })).length).toBe(1024);
    expect(await codeOf(notes.reverseBytes({ body: new Uint8Array(1025) }))).toBe('payload_too_large');
  });

  it('fills the rest of a path and carries JSON that the handler wrote itself', async () => {
    const path = 'a b/ü%2F/.p/7?';
    expect(await notesClient().readFile({ params: { '*': path } })).toEqual({ path });
    expect(await notesClient().readFile({ params: { '*': '"\\' } })).toEqual({ path: '"\\' });
  });

  it('lets in only whom the contract names', async () => {
    expect(await codeOf(notesClient().onlyEcho())).toBe('forbidden');
    const stranger = stack.clientOf(notesContract, { tokens: undefined, retry: false });
    expect(await codeOf(stranger.onlyEcho())).toBe('unauthenticated');
    expect(await stranger.listNotes({ query: { limit: 1 } })).toMatchObject({ limit: 1 });
    const other = stack.clientOf(notesContract, { as: 'notes', retry: false });
    expect(await codeOf(other.getNote({ params: { noteId: 'a' } }))).toBe('forbidden');
  });

  it('calls other services in its own name, with the request id of its caller', async () => {
    const call = {
      requestId: 'request-12345',
      signal: new AbortController().signal,
      deadlineAtMs: Date.now() + 5_000,
    };
    const seen = await stack.clientOf(echoContract).whoAmI({}, { call });
    expect(seen).toEqual({ caller: 'echo', requestId: 'request-12345' });
  });

  it('passes on a problem of a called service only where its own contract declares it', async () => {
    const echo = stack.clientOf(echoContract, { retry: false });
    expect(await codeOf(echo.ask({ params: { noteId: 'none' } }))).toBe('note_missing');
    expect(await codeOf(echo.overstep({ params: { noteId: 'none' } }))).toBe('internal');
  });

  it('gives up at the deadline on both sides', async () => {
    const ended = createLatch<string>();
    gate.onWait = (signal) => {
      signal.addEventListener('abort', () => ended.open('told'));
      return ended.opened;
    };
    await notesClient().listNotes({ query: { limit: 1 } });
    expect(await codeOf(notesClient().wait({}, { deadlineMs: 100 }))).toBe('deadline_exceeded');
    expect(await ended.opened).toBe('told');
  });

  it('tells the handler when its caller goes away', async () => {
    const begun = createLatch<AbortSignal>();
    const ended = createLatch<string>();
    gate.onWait = (signal) => {
      begun.open(signal);
      signal.addEventListener('abort', () => ended.open('told'));
      return ended.opened;
    };
    const leaving = new AbortController();
    const work = notesClient().wait({}, { signal: leaving.signal });
    await begun.opened;
    leaving.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    expect(await ended.opened).toBe('told');
  });

  it('finishes a running request when it stops, then closes in reverse', async () => {
    const begun = createLatch();
    const answer = createLatch<string>();
    gate.onWait = () => {
      begun.open();
      return answer.opened;
    };
    const work = notesClient().wait();
    await begun.opened;
    const closed = stack.close();
    answer.open('finished');
    expect(await work).toEqual({ outcome: 'finished' });
    await closed;
    expect(gate.closed).toEqual(['worker', 'echo', 'notes']);
  });

  it('aborts a request that outlasts the grace of a stop', async () => {
    const begun = createLatch();
    gate.onWait = (signal) => {
      begun.open();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const work = codeOf(notesClient().wait());
    await begun.opened;
    const closed = stack.close();
    expect(await work).toBe('unavailable');
    await closed;
    // Less than the keep-alive of a connection, which must not hold a stop up.
  }, 10_000);

  it('says which dependency is down, without its address', async () => {
    expect((await stack.ready()).notes).toMatchObject({ status: 'ready' });
    gate.dependencyDown = true;
    const { notes } = await stack.ready();
    expect(notes?.status).toBe('unready');
    expect(notes?.dependencies.disk).toMatchObject({ status: 'down', error: 'ECONNREFUSED' });
    expect(JSON.stringify(notes)).not.toContain('10.0.0.1');
  });

  it('waits for workers to drain', async () => {
    await notesClient().putNote({ params: { noteId: 'a' }, body: { text: 'x', copies: 1 } });
    await stack.idle();
    expect(gate.worked).toBe(1);
  });

  it('writes one log line a request', async () => {
    await notesClient().listNotes({ query: { limit: 1 } });
    await codeOf(notesClient().onlyEcho());
    await stack.idle();
    const lines = stack.logLines.filter((each) => each.msg === 'request');
    expect(lines.map(({ operation, status, code }) => [operation, status, code])).toEqual([
      ['listNotes', 200, undefined],
      ['onlyEcho', 403, 'forbidden'],
    ]);
    expect(lines[0]).toMatchObject({ service: 'notes', caller: 'operator', level: 'info' });
  });
});

it('opens nothing and leaves nothing open when a service cannot start', async () => {
  const gate = createGate();
  const start = startTestStack({
    definitions: [
      notesService,
      { ...echoService, createContext: () => Promise.reject(new Error('no disk')) },
    ],
    adapters: { notes: { gate } },
  });
  await expect(start).rejects.toThrow('no disk');
  expect(gate.closed).toEqual(['notes']);
});
