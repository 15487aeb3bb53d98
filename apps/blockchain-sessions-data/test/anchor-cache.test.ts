/** What is kept of the index, on a clock that the test owns. */
import { expect, test } from '@jest/globals';
import type { Generation } from '@lucid/chain-index';
import { createMemoryEvents, EventsError } from '@lucid/events';
import { silentLog } from '@lucid/service-kit';
import { AnchorCache } from '../src/domain/anchor-cache.ts';
import type { SessionEvent } from '../src/domain/chain-event.ts';

const sessionId = 'a'.repeat(64);
const event: SessionEvent = {
  ...{ kind: 'session', sessionId, manifestHash: 'b'.repeat(64), startedAt: 1, owner: 'c'.repeat(40) },
  ...{ merkleRoot: 'd'.repeat(64), chunkCount: 2, height: 5, blockHash: `0x${'e'.repeat(64)}` },
  ...{ timestampSec: 9, transactionHash: `0x${'f'.repeat(64)}`, transactionIndex: 0, logIndex: 0 },
};
const first: Generation = { id: 'first', height: 5 };

function start() {
  const state = {
    nowMs: 0,
    generation: first as Generation | null,
    reads: 0,
    away: false,
    asked: 0,
    logged: [] as string[],
  };
  const { cache: kept } = createMemoryEvents({ nowMs: () => state.nowMs });
  const asking = <T>(work: () => Promise<T>): Promise<T> => {
    state.asked++;
    return state.away ? Promise.reject(new EventsError('events_unavailable', 'away')) : work();
  };
  const log = {
    ...silentLog,
    warn: (_about: unknown, text?: string) => state.logged.push(text ?? ''),
    info: (text: unknown) => state.logged.push(String(text)),
  } as typeof silentLog;
  const open = () =>
    new AnchorCache({
      cache: {
        get: (key) => asking(() => kept.get(key)),
        set: (key, value, ttlMs) => asking(() => kept.set(key, value, ttlMs)),
      },
      readGeneration: async () => {
        state.reads++;
        return state.generation;
      },
      steadyMs: () => state.nowMs,
      log,
    });
  return { state, kept, open, anchors: open() };
}

test('what was kept is told to all processes, and the store is asked once a second', async () => {
  const { state, open, anchors } = start();
  const { generation, event: none } = await anchors.get(sessionId);
  expect([generation, none]).toEqual([first, undefined]);
  await anchors.put(generation, event);
  const other = open();
  for (let times = 0; times < 5; times++) expect((await other.get(sessionId)).event).toEqual(event);
  expect(state.reads).toBe(2);
  state.nowMs = 999;
  await other.get(sessionId);
  expect(state.reads).toBe(2);
  state.nowMs = 1_000;
  await other.get(sessionId);
  expect(state.reads).toBe(3);
});

test.each([
  ['of another generation', { id: 'second', height: 9 }],
  ['of a block that the index does not have', { id: 'first', height: 4 }],
  ['while the index is being forgotten', null],
])('nothing is told %s', async (_what, generation) => {
  const { state, anchors } = start();
  await anchors.put(first, event);
  expect((await anchors.get(sessionId)).event).toEqual(event);
  state.generation = generation;
  // This process does not know yet; who removes documents waits for longer than that.
  expect((await anchors.get(sessionId)).event).toEqual(event);
  state.nowMs = 1_000;
  expect(await anchors.get(sessionId)).toEqual({ generation, event: undefined });
});

test('a process that forgets itself asks at once', async () => {
  const { state, anchors } = start();
  await anchors.put(first, event);
  await anchors.get(sessionId);
  state.generation = null;
  anchors.forget();
  expect((await anchors.get(sessionId)).event).toBeUndefined();
});

test('an answer that took longer than the lease is not told', async () => {
  const { state, kept } = start();
  const slow = new AnchorCache({
    cache: {
      get: async (key) => {
        state.nowMs += 1_000;
        return kept.get(key);
      },
      set: kept.set.bind(kept),
    },
    readGeneration: async () => first,
    steadyMs: () => state.nowMs,
    log: silentLog,
  });
  await slow.put(first, event);
  expect((await slow.get(sessionId)).event).toBeUndefined();
});

test.each([
  ['no JSON', '{'],
  ['null', 'null'],
  ['an anchor that lacks something', JSON.stringify({ ...event, blockHash: undefined })],
  ['an anchor of another session', JSON.stringify({ ...event, sessionId: 'b'.repeat(64) })],
  ['something else', '"text"'],
])('what is kept and is %s is not told', async (_what, text) => {
  const { kept, anchors } = start();
  await anchors.put(first, event);
  const key = `sessions-data/anchor/1/first/${sessionId}`;
  expect(await kept.get(key)).not.toBeNull();
  await kept.set(key, text, 1_000);
  expect((await anchors.get(sessionId)).event).toBeUndefined();
});

test('a cache that is away is left alone for a second, told of once, and used again', async () => {
  const { state, anchors } = start();
  await anchors.put(first, event);
  state.away = true;
  state.asked = 0;
  for (let times = 0; times < 5; times++) expect((await anchors.get(sessionId)).event).toBeUndefined();
  await anchors.put(first, event);
  expect(state.asked).toBe(1);
  state.nowMs = 1_000;
  await anchors.get(sessionId);
  expect(state.asked).toBe(2);
  state.away = false;
  state.nowMs = 2_000;
  expect((await anchors.get(sessionId)).event).toEqual(event);
  expect(state.logged).toEqual([
    'the cache of anchors is away; the store is asked instead',
    'the cache of anchors is there again',
  ]);
});

test('what is wrong in the program is no cache that is away', async () => {
  const { anchors } = start();
  await expect(anchors.put({ id: 'x'.repeat(600), height: 1 }, event)).rejects.toMatchObject({
    code: 'invalid_event',
  });
  const broken = new AnchorCache({
    cache: {
      get: () => Promise.reject(new TypeError('a fault')),
      set: async () => {},
    },
    readGeneration: async () => first,
    steadyMs: () => 0,
    log: silentLog,
  });
  await expect(broken.get(sessionId)).rejects.toThrow('a fault');
});
