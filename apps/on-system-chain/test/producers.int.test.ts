/** Two nodes with one file and one genesis, whose blocks the test carries from one to the other, on a clock that it owns. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createManualClock, type ManualClock } from '@lucid/service-kit/testing';
import { accountOf, chainId, eventually, gwei, startChain } from './chain-stack.ts';
import {
  addressOf,
  bytesOf,
  cooldownSlots,
  entityOf,
  fileOf,
  firstSlot,
  firstSlotMs,
  server,
  slotDurationSec,
} from './producers-world.ts';

const slotMs = slotDurationSec * 1000;
let folder = '';
let file = '';
let clock: ManualClock;
/** Closed after each test; closing twice is harmless. */
const started: Awaited<ReturnType<typeof startChain>>[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'producers-'));
  file = join(folder, 'producers.json');
  await writeFile(file, bytesOf(fileOf([30, 20], 1)));
  clock = createManualClock(firstSlotMs);
});
afterEach(async () => {
  for (const each of started.splice(0)) await each.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(index: number, options: { folder?: string; environment?: Record<string, string> } = {}) {
  const node = await startChain({
    ...{ clock, waits: false },
    ...(options.folder ? { folder: options.folder } : {}),
    environment: {
      CHAIN_PRODUCERS_FILE: file,
      CHAIN_PRODUCER: addressOf(index),
      CHAIN_SLOT_SECONDS: String(slotDurationSec),
      ...options.environment,
    },
    adapters: { 'on-system-chain': { steadyMs: () => clock.nowMs() } },
  });
  started.push(node);
  await eventually(async () => (await fetch(`${node.url}/ready`)).ok);
  return node;
}
type Node = Awaited<ReturnType<typeof startChain>>;

const heightOf = async ({ stack, chain }: Node) => {
  await stack.idle();
  return (await chain.getStatus()).height;
};
const reached = (node: Node, height: number) => eventually(async () => (await heightOf(node)) === height);
const carry = async (from: Node, to: Node, height: number) => {
  const body = await from.chain.exportBlock({ params: { height } });
  return to.chain.importBlock({ params: { height }, body });
};
const producerOf = async ({ rpc }: Node, height: number) =>
  ((await rpc('eth_getBlockByNumber', `0x${height.toString(16)}`, false)).result as { miner: string }).miner;
/** The beginning of a slot, counted from the first. */
const toSlot = (slot: number) => clock.advance(firstSlotMs + slot * slotMs - clock.nowMs());

test('two producers take turns: fall-back, cool-down, the wrong one refused, the same after a restart', async () => {
  // The second alone: the leader of the first slot is away.
  let second = await start(1);
  expect(await second.chain.getProducers()).toMatchObject({
    ...{ mode: 'leaders', slot: firstSlot, epoch: 731, leader: entityOf(0), fallbacks: [entityOf(1)] },
    turns: [
      { entity: entityOf(0), address: addressOf(0), from: firstSlotMs },
      { entity: entityOf(1), address: addressOf(1), from: firstSlotMs + 5_000 },
      { entity: null, address: server, from: firstSlotMs + 10_000 },
    ],
    producers: [
      { entity: entityOf(0), credits: '150', rank: 1, eligible: true, restsUntilSlot: null },
      { entity: entityOf(1), credits: '100', rank: 2, eligible: true },
    ],
    fileSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  await clock.advance(4_000);
  expect(await heightOf(second)).toBe(0);
  await clock.advance(1_000);
  await reached(second, 1);
  expect(await producerOf(second, 1)).toBe(addressOf(1));

  // It has the slot: what comes within it goes into blocks of its own.
  await clock.advance(10_000);
  const raw = await accountOf(0).signTransaction({
    ...{ type: 'eip1559', chainId, nonce: 0, to: accountOf(5).address, value: 1n, gas: 21_000n },
    ...{ maxFeePerGas: 1_000n * gwei, maxPriorityFeePerGas: gwei },
  });
  expect((await second.rpc('eth_sendRawTransaction', raw)).error).toBeUndefined();
  await reached(second, 2);

  // The first comes up late, takes those blocks, and leads the next slot, since the other one rests.
  const first = await start(0);
  expect(await heightOf(first)).toBe(0);
  await carry(second, first, 1);
  await carry(second, first, 2);
  const standings = async (node: Node) => (await node.chain.getProducers()).producers;
  expect(await standings(first)).toEqual(await standings(second));
  await toSlot(1);
  await reached(first, 3);
  expect(await heightOf(second)).toBe(2);
  await carry(first, second, 3);

  // Both rest: nobody but the server, which is not there.
  await toSlot(cooldownSlots);
  expect(await second.chain.getProducers()).toMatchObject({
    ...{ leader: null, turns: [{ address: server }] },
    producers: [
      { restsUntilSlot: firstSlot + 2 + cooldownSlots },
      { restsUntilSlot: firstSlot + 1 + cooldownSlots },
    ],
  });
  expect([await heightOf(first), await heightOf(second)]).toEqual([3, 3]);

  // After a restart the schedule is read from the blocks.
  const before = await second.chain.getProducers();
  await second.close(true);
  second = await start(1, { folder: second.folder });
  expect(await second.chain.getProducers()).toEqual(before);
  await toSlot(cooldownSlots + 1);
  await reached(second, 4);
  expect(await heightOf(first)).toBe(3);

  // A block of who has no turn, made by a node that knows no file: not taken.
  const stranger = await start(0, { environment: { CHAIN_PRODUCERS_FILE: '', CHAIN_PRODUCE: 'off' } });
  for (const height of [1, 2, 3]) await carry(first, stranger, height);
  await stranger.close(true);
  const alone = await start(0, { folder: stranger.folder, environment: { CHAIN_PRODUCERS_FILE: '' } });
  await reached(alone, 4);
  await expect(carry(alone, first, 4)).rejects.toMatchObject({
    ...{ code: 'block_invalid' },
    detail: expect.stringContaining(`is of ${addressOf(1)}; the block is of ${addressOf(0)}`),
  });
  const body = new Uint8Array([1]);
  await expect(first.chain.importBlock({ params: { height: 4 }, body })).rejects.toMatchObject({
    code: 'block_invalid',
  });
  await carry(second, first, 4);
  expect(await heightOf(first)).toBe(4);
}, 120_000);

test('without a file it is this node alone', async () => {
  const node = await start(0, { environment: { CHAIN_PRODUCERS_FILE: '' } });
  await reached(node, 1);
  const slot = Math.floor((clock.nowMs() - Date.UTC(2024, 0, 1)) / slotMs);
  expect(await node.chain.getProducers()).toMatchObject({
    ...{ mode: 'single', slot, leader: null, fallbacks: [], producers: [], fileSha256: null },
    turns: [{ entity: null, address: addressOf(0) }],
  });
  await expect(carry(node, node, 1)).resolves.toMatchObject({ height: 1 });
  await expect(
    node.chain.importBlock({ params: { height: 2 }, body: new Uint8Array([0xc0]) }),
  ).rejects.toMatchObject({ code: 'chain_produces' });
}, 60_000);

test('a file that is wrong ends the start, in one sentence', async () => {
  const bad = join(folder, 'bad.json');
  await writeFile(bad, bytesOf({ ...fileOf([1]), server: 'nobody' }));
  await expect(start(0, { environment: { CHAIN_PRODUCERS_FILE: bad } })).rejects.toThrow(
    /CHAIN_PRODUCERS_FILE: a file of producers; in .*bad.json \/server must match pattern.*; correct it, as docs\/chain.md shows$/,
  );
});
