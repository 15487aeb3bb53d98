import { describeRateLimits } from './conformance/index.ts';
import { createMemoryRateLimits } from './memory-rate-limits.ts';
import type { RateRule } from './rate-limits.ts';
import { RecentMap } from './recent-map.ts';

describeRateLimits(
  'Memory',
  {
    async open() {
      let nowMs = 1000;
      const limits = createMemoryRateLimits({ nowMs: () => nowMs });
      return {
        limits,
        // One process, one count; what the caller closes must stay open for the others.
        openAgain: async () => ({ ...limits, close: async () => undefined }),
        async elapse(ms) {
          nowMs += ms;
        },
        async setBack(ms) {
          nowMs -= ms;
        },
      };
    },
  },
  { runs: 300 },
);

const ONE: RateRule = { name: 'one', limit: 1, windowMs: 1000 };

test('beyond the most keys, the one that was idle longest is forgotten', async () => {
  const limits = createMemoryRateLimits({ nowMs: () => 0, maxKeysPerRule: 3 });
  for (const key of ['a', 'b', 'c']) await limits.take(ONE, key);
  await limits.take(ONE, 'a');
  await limits.take(ONE, 'd');
  expect((await limits.take(ONE, 'a')).allowed).toBe(false);
  expect((await limits.take(ONE, 'c')).allowed).toBe(false);
  expect((await limits.take(ONE, 'b')).allowed).toBe(true);
});

test('entries that are over are removed as new ones come', () => {
  let over = false;
  const map = new RecentMap<string>({ maxEntries: 1000, isOver: () => over });
  for (let turn = 0; turn < 100; turn += 1) map.use(`old${turn}`, () => 'v');
  expect(map.size).toBe(100);
  over = true;
  for (let turn = 0; turn < 60; turn += 1) map.use(`new${turn}`, () => 'v');
  expect([...Array(100).keys()].filter((turn) => map.get(`old${turn}`))).toEqual([]);
});
