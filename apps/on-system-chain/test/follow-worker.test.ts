/** When who follows asks again. */
import { createLogKey, memoryStore, Peer } from '../../../libs/chain-follower/test/lying-peer.ts';
import { type Following, FollowWorker } from '../src/peers/follow-worker.ts';
import { problem } from '../src/problem.ts';

const key = createLogKey();
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Follows a peer of two blocks until it has rested so many times; gives the rests, and what was told. */
async function follow(importBlock: () => Promise<never>, rests: number) {
  const peer = new Peer(key);
  peer.make();
  const ending = new AbortController();
  const waitsMs: number[] = [];
  const told: Following[] = [];
  const worker = new FollowWorker({
    driver: { importBlock },
    view: { head: { height: 0 } as never, heightOf: async () => 0 },
    sources: [peer],
    verifierKey: key.verifierKey,
    store: {
      ...memoryStore(),
      evidence: async () => null,
      keepEvidence: async () => {},
      close: async () => {},
    },
    clock: {
      nowMs: () => 0,
      after: () => () => {},
      async sleep(ms) {
        waitsMs.push(ms);
        if (waitsMs.length === rests) ending.abort();
      },
    },
    log: silent as never,
    onFollowing: (following) => told.push(following),
  });
  await worker.run(ending.signal);
  return { waitsMs, told };
}

test('who began with the same genesis and offers a block that is none is asked less and less often, and stays accused', async () => {
  const { waitsMs, told } = await follow(() => Promise.reject(problem('block_invalid')), 4);
  expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(told.map(({ state }) => state)).toEqual(['heard', ...Array(4).fill('refused')]);
});

test('a block that cannot be kept now is asked for less and less often', async () => {
  const { waitsMs } = await follow(() => Promise.reject(problem('chain_unavailable')), 8);
  expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});
