import { describeEvents, Recorder } from './conformance/index.ts';
import { createMemoryEvents } from './memory-events.ts';

describeEvents('Memory', {
  async open() {
    let nowMs = 0;
    const events = createMemoryEvents({ nowMs: () => nowMs });
    return {
      events,
      // One process, one bus; what the caller closes must stay open for the others.
      openAgain: async () => ({ ...events, close: async () => undefined }),
      async elapse(ms) {
        nowMs += ms;
      },
    };
  },
});

test('the cache stays below its limit and keeps what came last', async () => {
  const { cache } = createMemoryEvents({ nowMs: () => 0, maxEntries: 100 });
  for (let turn = 0; turn < 1000; turn += 1) await cache.set(`k${turn}`, 'v', 1000);
  const kept: number[] = [];
  for (let turn = 0; turn < 1000; turn += 1) if (await cache.get(`k${turn}`)) kept.push(turn);
  expect(kept.length).toBeLessThanOrEqual(100);
  expect(kept.length).toBeGreaterThanOrEqual(90);
  expect(kept.at(-1)).toBe(999);
});

test('what a subscriber does to a payload is its own affair', async () => {
  const { bus } = createMemoryEvents({ nowMs: () => 0 });
  const recorder = new Recorder();
  await bus.subscribe('t', {
    ...recorder,
    onEvent: (payload) => void Object.assign(payload as object, { id: 2 }),
  });
  await bus.subscribe('t', recorder);
  await bus.publish('t', { id: 1 });
  await recorder.reached(1);
  expect(recorder.seen).toEqual([{ id: 1 }]);
});
