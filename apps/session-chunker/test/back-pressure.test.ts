/** A store that is slow or full: what the chunker holds is bounded, its callers wait, and nothing accepted is dropped. */
import { ChunkStoreError } from '@lucid/chunk-store';
import { isProblem } from '@lucid/service-kit';
import {
  codeOf,
  type EvidenceRig,
  expectSameBytes,
  noise,
  readSession,
  startEvidenceRig,
  startSession,
  TestAgent,
  until,
} from '../../session-recorder/test/evidence-rig.ts';
import type { Streams } from '../src/domain/streams.ts';

const CHUNK = 65_536;
const WINDOW = 4;

let rig: EvidenceRig;
let full: boolean;
let gate: Promise<void>;
let openGate: () => void;

const closeGate = () => {
  gate = new Promise((resolve) => {
    openGate = resolve;
  });
};

beforeEach(async () => {
  full = false;
  gate = Promise.resolve();
  rig = await startEvidenceRig({
    chunkStore: (store) =>
      new Proxy(store, {
        get: (target, name) => {
          const value = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          if (name !== 'append') return value.bind(target);
          return async (...args: unknown[]) => {
            await gate;
            if (full) throw new ChunkStoreError('store_full');
            return value.apply(target, args);
          };
        },
      }),
  });
});
afterEach(async () => {
  full = false;
  openGate?.();
  await rig.close();
});

const put = (sessionId: string, offset: number, body: Uint8Array, deadlineMs?: number) =>
  rig.chunker.appendBytes(
    { params: { sessionId, track: 0 }, query: { offset, fromUs: 5, untilUs: 6 }, body },
    deadlineMs === undefined ? {} : { deadlineMs },
  );
const heldBytes = async () =>
  ((await rig.services.chunker.context()) as { streams: Streams }).streams.heldBytes;

it('a slow store makes the source wait, with a few chunks in memory', async () => {
  const sessionId = await startSession(rig);
  const bytes = noise(20 * CHUNK);
  closeGate();
  let settled = 0;
  const puts = Array.from({ length: 20 }, (_, at) =>
    put(sessionId, at * CHUNK, bytes.slice(at * CHUNK, (at + 1) * CHUNK)).then(() => {
      settled += 1;
    }),
  );
  await until(() => settled === WINDOW);
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(settled).toBe(WINDOW);
  expect(await heldBytes()).toBe(WINDOW * CHUNK);
  openGate();
  await Promise.all(puts);
  await rig.recorder.stopRecording({ params: { sessionId }, body: { closed: 'ended', atUs: 9 } });
  expect(await heldBytes()).toBe(0);
  expectSameBytes((await readSession(rig, sessionId)).tracks.get(0), bytes);
});

it('whatever the size of the pieces, what is held stays below the window, one chunk and one piece', async () => {
  const sessionId = await startSession(rig);
  const bytes = noise(3_000_000);
  const agent = new TestAgent(rig, sessionId, bytes);
  let most = 0;
  while (agent.sent < bytes.length) {
    await agent.send(agent.sent === 0 ? 1_000_000 : 7_777);
    most = Math.max(most, await heldBytes());
  }
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(WINDOW * CHUNK + CHUNK + 1_000_000);
  await agent.finish(7_777);
  await rig.recorder.stopRecording({ params: { sessionId }, body: { closed: 'ended', atUs: 9 } });
  expectSameBytes((await readSession(rig, sessionId)).tracks.get(0), bytes);
});

it('a caller that gives up waiting has handed in nothing', async () => {
  const sessionId = await startSession(rig);
  closeGate();
  for (let at = 0; at < WINDOW; at += 1) await put(sessionId, at * CHUNK, noise(CHUNK, at));
  expect(await codeOf(put(sessionId, WINDOW * CHUNK, noise(10), 20))).toBe('deadline_exceeded');
  openGate();
  await rig.chunker.flushStream({ params: { sessionId } });
  expect(await put(sessionId, WINDOW * CHUNK, noise(20))).toMatchObject({
    acceptedBytes: WINDOW * CHUNK + 20,
  });
});

it('what comes behind the closing record is refused, not taken and dropped', async () => {
  const sessionId = await startSession(rig);
  await put(sessionId, 0, noise(10));
  closeGate();
  const { streams } = (await rig.services.chunker.context()) as { streams: Streams };
  const closing = streams.close(sessionId, { closed: 'ended', atUs: 9 });
  expect(await codeOf(put(sessionId, 10, noise(10)))).toBe('session_lost');
  const note = { params: { sessionId }, body: { event: 'note', atUs: 1 } } as const;
  expect(await codeOf(rig.chunker.appendEvent(note))).toBe('session_lost');
  expect(await put(sessionId, 0, noise(10))).toEqual({ acceptedBytes: 10, durableBytes: 0 });
  openGate();
  expect(await closing).toMatchObject({ plainBytes: 10, events: 0, closed: 'ended' });
});

it('a closing goes on when its caller leaves, and is shared by who asks next', async () => {
  const sessionId = await startSession(rig);
  await put(sessionId, 0, noise(10));
  closeGate();
  const closing = { params: { sessionId }, body: { closed: 'ended', atUs: 9 } } as const;
  const first = codeOf(rig.chunker.closeStream(closing, { deadlineMs: 20 }));
  const second = rig.chunker.closeStream(closing);
  expect(await first).toBe('deadline_exceeded');
  openGate();
  expect(await second).toMatchObject({ plainBytes: 10, closed: 'ended' });
});

it('one slow session does not hold up another', async () => {
  const [slow, other] = [await startSession(rig), await startSession(rig)];
  closeGate();
  await put(slow, 0, noise(CHUNK));
  const waiting = put(other, 0, noise(10));
  expect(await waiting).toEqual({ acceptedBytes: 10, durableBytes: 0 });
});

describe('a full store', () => {
  it('is said to whoever waits, and once there is room everything goes on', async () => {
    const sessionId = await startSession(rig);
    const params = { sessionId };
    const bytes = noise(WINDOW * CHUNK + 10);
    full = true;
    for (let at = 0; at < WINDOW; at += 1)
      await put(sessionId, at * CHUNK, bytes.slice(at * CHUNK, (at + 1) * CHUNK));
    const note = { params, body: { event: 'note', atUs: 1 } } as const;
    const closing = { params, body: { closed: 'ended', atUs: 9 } } as const;
    expect(await codeOf(put(sessionId, WINDOW * CHUNK, bytes.slice(WINDOW * CHUNK)))).toBe('store_full');
    expect(await codeOf(rig.chunker.appendEvent(note))).toBe('store_full');
    expect(await codeOf(rig.chunker.flushStream({ params }))).toBe('store_full');
    expect(await codeOf(rig.agent.flushRecording({ params }))).toBe('store_full');
    expect(await codeOf(rig.agent.putEvent(note))).toBe('store_full');
    expect(await codeOf(rig.recorder.stopRecording(closing))).toBe('store_full');
    full = false;
    await until(async () => {
      const outcome = await put(sessionId, WINDOW * CHUNK, bytes.slice(WINDOW * CHUNK)).catch(
        (error: unknown) => error,
      );
      return !isProblem(outcome, 'store_full');
    });
    await until(async () => (await codeOf(rig.recorder.stopRecording(closing))) === 'no problem');
    const session = await readSession(rig, sessionId);
    expectSameBytes(session.tracks.get(0), bytes);
    expect(session.events).toHaveLength(0);
  });

  it('is said by closing, too', async () => {
    const sessionId = await startSession(rig);
    await put(sessionId, 0, noise(10));
    full = true;
    const closing = { params: { sessionId }, body: { closed: 'ended', atUs: 9 } } as const;
    expect(await codeOf(rig.chunker.closeStream(closing))).toBe('store_full');
    full = false;
    await until(async () => (await codeOf(rig.chunker.closeStream(closing))) === 'no problem');
    expect((await readSession(rig, sessionId)).records.map((each) => each.type)).toEqual([
      'header',
      'chunk',
      'close',
    ]);
  });
});
