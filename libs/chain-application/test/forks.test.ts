/** Forks as EIP-7910 tells them. What geth tells, checksums too, is compared in apps/on-system-chain (simulations.int.test.ts). */
import { expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import { openChainApplication } from '../src/index.ts';
import { commitNext, genesis, openChain, startSec } from './test-chain.ts';

const schedule = (target: number, max: number, baseFeeUpdateFraction: number) => ({
  target,
  max,
  baseFeeUpdateFraction,
});
const cancun = schedule(3, 6, 3_338_477);
const prague = schedule(6, 9, 5_007_716);

test('our own chain has one fork, from its beginning', async () => {
  const app = await openChain(createMemoryKvStore());
  const { current, next, last } = await app.forks();
  expect([next, last]).toEqual([null, null]);
  expect(current).toMatchObject({ activationTime: 0, blobSchedule: cancun, chainId: 1337 });
  expect(Object.keys(current?.precompiles ?? {})).toHaveLength(10);
  expect(current?.systemContracts).toEqual({
    BEACON_ROOTS_ADDRESS: '0x000f3df6d732807ef1319fb7b8bb8522d0beac02',
  });
});

test('forks that are planned come next and last, and are there in their time', async () => {
  const [pragueTime, osakaTime, bpo1Time] = [startSec + 1, startSec + 50, startSec + 60];
  const planned = {
    ...genesis,
    config: {
      ...(genesis.config as object),
      ...{ pragueTime, osakaTime, bpo1Time },
      blobSchedule: { cancun, prague, osaka: prague, bpo1: schedule(10, 15, 8_346_193) },
    },
  };
  const app = await openChainApplication({ genesis: planned, store: createMemoryKvStore() });
  const { current, next, last } = await app.forks();
  expect([current, next, last].map((fork) => fork?.activationTime)).toEqual([0, pragueTime, bpo1Time]);
  expect([current, next, last].map((fork) => fork?.blobSchedule?.target)).toEqual([3, 6, 10]);
  expect(new Set([current, next, last].map((fork) => fork?.forkId)).size).toBe(3);
  expect(last?.precompiles.P256VERIFY).toBe('0x0000000000000000000000000000000000000100');
  expect(next?.precompiles).not.toHaveProperty('P256VERIFY');
  expect(Object.keys(next?.systemContracts ?? {})).toHaveLength(5);
});

test('before Shanghai none is told', async () => {
  const {
    shanghaiTime: _,
    cancunTime: __,
    blobSchedule: ___,
    ...paris
  } = genesis.config as Record<string, unknown>;
  const app = await openChainApplication({
    genesis: { ...genesis, config: paris },
    store: createMemoryKvStore(),
  });
  expect(await app.forks()).toEqual({ current: null, next: null, last: null });
  await commitNext(app, []);
});
