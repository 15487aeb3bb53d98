/** Simulations: what they are bounded by, and that they leave nothing behind. What they answer is held to geth in apps/on-system-chain. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { decodeRlp } from '@lucid/eth-proof';
import { createMemoryKvStore } from '@lucid/kv-store';
import {
  type BlockToSimulate,
  type ChainApplication,
  type Hex,
  hexToBytes,
  openChainApplication,
  type SimulatedBlock,
  type SimulationRequest,
} from '../src/index.ts';
import {
  accounts,
  commitNext,
  contracts,
  genesis,
  openChain,
  startSec,
  storeCall,
  transaction,
} from './test-chain.ts';

const address = (last: number): Hex => `0x${last.toString(16).padStart(40, '0')}`;
const word = (value: number): Hex => `0x${value.toString(16).padStart(64, '0')}`;
const [sender, receiver] = accounts as [Hex, Hex];
const transfer = { from: sender, to: receiver, value: 5n };
const store = (slot: number, value: number) => ({
  from: sender,
  to: contracts.store,
  data: hexToBytes(`${word(slot)}${word(value).slice(2)}`),
});
/** Hands back 100 KB of zeros. */
const largeAnswer = hexToBytes('0x620190005ff3');

async function blocksOf(
  app: ChainApplication,
  request: SimulationRequest,
): Promise<readonly SimulatedBlock[]> {
  const result = await app.simulate(request);
  if (!result.ok) throw new Error(`${result.failure.code} ${result.failure.message}`);
  return result.blocks;
}

const headerOf = (block: SimulatedBlock | undefined): Uint8Array[] => {
  const [header] = decodeRlp(block!.blockRlp) as unknown as [Uint8Array[]];
  return header;
};

describe('a simulation', () => {
  let app: ChainApplication;
  beforeEach(async () => {
    app = await openChain(createMemoryKvStore(), { callStepLimit: 50_000 });
    await commitNext(app, [storeCall(1, 0, 3, 7), transaction(0, { nonce: 0 })]);
  });

  const refused = async (blocks: readonly BlockToSimulate[]) => {
    const result = await app.simulate({ blocks });
    return result.ok ? 'was done' : result.failure;
  };

  test('leaves nothing behind, and says the same again', async () => {
    const before = [app.info(), await app.account(sender), await app.storage(contracts.store, 3n)];
    const request = { blocks: [{ calls: [transfer, store(3, 0), store(4, 4)] }, { calls: [transfer] }] };
    const first = await blocksOf(app, request);
    expect(await blocksOf(app, request)).toEqual(first);
    expect([app.info(), await app.account(sender), await app.storage(contracts.store, 3n)]).toEqual(before);
    await commitNext(app, [storeCall(1, 1, 3, 0), transaction(0, { nonce: 1 })]);
    expect((await app.checkIntegrity()).faults).toEqual([]);
  });

  test('goes on where another one is under way', async () => {
    const request = (value: bigint) => ({ blocks: Array(5).fill({ calls: [{ ...transfer, value }] }) });
    const alone = [await blocksOf(app, request(1n)), await blocksOf(app, request(2n))];
    expect(await Promise.all([blocksOf(app, request(1n)), blocksOf(app, request(2n))])).toEqual(alone);
  });

  test('begins at an older block, and not at one that is not kept', async () => {
    const [atGenesis] = await blocksOf(app, { height: 0, blocks: [{ calls: [transfer] }] });
    const [atHead] = await blocksOf(app, { blocks: [{ calls: [transfer] }] });
    expect(atGenesis).not.toEqual(atHead);
    await expect(app.simulate({ height: 2, blocks: [{}] })).rejects.toMatchObject({ code: 'state_unknown' });
  });

  test('lets others have their turn', async () => {
    let turns = 0;
    const counted = await openChain(createMemoryKvStore(), { yieldTurn: async () => void turns++ });
    await counted.simulate({ blocks: [{ calls: Array(50).fill(transfer) }] });
    expect(turns).toBeGreaterThanOrEqual(50);
    turns = 0;
    const stateDiff = Object.fromEntries(Array.from({ length: 3_000 }, (_, slot) => [word(slot), word(1)]));
    await counted.simulate({ blocks: [{ stateOverrides: { [contracts.store]: { stateDiff } } }] });
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  test.each<[string, readonly BlockToSimulate[]]>([
    ['a loop', [{ calls: [{ from: sender, to: contracts.loops }] }]],
    ['calls without code', [{ calls: Array(501).fill(transfer) }]],
    ['blocks without calls', Array(101).fill({})],
    [
      'overrides',
      [
        {
          stateOverrides: {
            [contracts.store]: {
              state: Object.fromEntries(Array.from({ length: 2_500 }, (_, slot) => [word(slot), word(1)])),
            },
          },
        },
      ],
    ],
  ])('ends after so many steps: %s', async (_, blocks) => {
    await expect(app.simulate({ blocks })).rejects.toMatchObject({ code: 'execution_limit' });
    expect(await app.call({ transaction: transfer })).toMatchObject({ ok: true });
  });

  test('takes as much gas as one call, for all blocks together', async () => {
    const poor = await openChain(createMemoryKvStore(), { callGasCap: 50_000n });
    const [first, second] = await blocksOf(poor, {
      blocks: [{ calls: [transfer] }, { calls: [{ from: sender, to: contracts.loops }] }],
    });
    expect(first?.calls[0]).toMatchObject({ status: 1, gasUsed: 21_000n });
    expect(second?.calls[0]).toMatchObject({
      status: 0,
      gasUsed: 29_000n,
      error: {
        code: -32_015,
        message: "out of gas (gas limit was capped by the RPC server's global gas cap)",
      },
    });
  });

  test('hands back no more than 8 MiB', async () => {
    const stateOverrides = { [contracts.store]: { code: largeAnswer } };
    const calls = (count: number) => Array(count).fill({ from: sender, to: contracts.store, gas: 90_000n });
    await blocksOf(app, { blocks: [{ stateOverrides, calls: calls(50) }] });
    expect(await refused([{ stateOverrides, calls: calls(100) }])).toEqual({
      code: -38_026,
      message: 'the results are larger than 8388608 bytes',
    });
  });

  test('has at most 5,000 calls a block and 10,000 in all', async () => {
    expect(await refused([{ calls: Array(5_001).fill({}) }])).toEqual({
      code: -38_026,
      message: 'too many calls in block: 5001 > 5000',
    });
    expect(await refused(Array(3).fill({ calls: Array(3_334).fill({}) }))).toEqual({
      code: -38_026,
      message: 'too many calls: 10002 > 10000',
    });
  });

  test('refuses numbers of more than 64 bits', async () => {
    const tooLarge = 1n << 64n;
    const nonce = { code: -32_602, message: 'a nonce has more than 64 bits' };
    expect(await refused([{ blockOverrides: { timestampSec: tooLarge } }])).toMatchObject({ code: -32_602 });
    expect(await refused([{ blockOverrides: { gasLimit: tooLarge } }])).toMatchObject({ code: -32_602 });
    expect(await refused([{ stateOverrides: { [sender]: { nonce: tooLarge } } }])).toEqual(nonce);
    expect(await refused([{ calls: [{ ...transfer, nonce: tooLarge }] }])).toEqual(nonce);
  });

  test('CALLCODE gives nothing away', async () => {
    // callcode(gas, receiver, 1)
    const code = hexToBytes(`0x5f5f5f5f600173${receiver.slice(2)}5af2`);
    const stateOverrides = { [contracts.store]: { code, balance: 5n } };
    const calls = [{ from: sender, to: contracts.store }, transfer];
    const [block] = await blocksOf(app, { blocks: [{ stateOverrides, calls }], traceTransfers: true });
    expect(block?.calls.map(({ status, logs }) => [status, logs.map(({ index }) => index)])).toEqual([
      [1, []],
      [1, [0]],
    ]);
  });

  test('an account at its last nonce calls on from 0, and creates nothing', async () => {
    const stateOverrides = { [sender]: { nonce: (1n << 64n) - 1n } };
    const creation = { from: sender, data: hexToBytes('0x00'), gas: 100_000n };
    const [block] = await blocksOf(app, {
      blocks: [{ stateOverrides, calls: [creation, transfer, transfer] }],
    });
    expect(block?.calls.map(({ status, error }) => [status, error?.message])).toEqual([
      [0, 'nonce uint64 overflow'],
      [1, undefined],
      [1, undefined],
    ]);
  });
});

describe('blocks of later forks', () => {
  const pragueSec = startSec + 100;
  const deposits = address(0xde9051);
  const later = {
    ...genesis,
    config: {
      ...(genesis.config as object),
      pragueTime: pragueSec,
      depositContractAddress: deposits,
      blobSchedule: {
        cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 },
        prague: { target: 6, max: 9, baseFeeUpdateFraction: 5_007_716 },
      },
    },
  };
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  const requestsHash = 20;

  test('a simulation goes through a fork', async () => {
    const app = await openChainApplication({ genesis: later, store: createMemoryKvStore() });
    const blockOverrides = { timestampSec: BigInt(pragueSec) };
    const [before, after] = await blocksOf(app, {
      blocks: [{ calls: [transfer] }, { blockOverrides, calls: [transfer] }],
    });
    expect(headerOf(before)).toHaveLength(requestsHash);
    expect(Buffer.from(headerOf(after)[requestsHash]!)).toEqual(sha256());
    expect(after?.calls[0]).toMatchObject({ status: 1, gasUsed: 21_000n });
  });

  test('deposits are requests of their block (EIP-6110), and only those of a whole log', async () => {
    const app = await openChainApplication({ genesis: later, store: createMemoryKvStore() });
    // log1(call data behind the first word, which is the topic)
    const code = hexToBytes('0x6020360360205f375f35602036035fa100');
    const topic = hexToBytes('0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5');
    const log = Uint8Array.from({ length: 576 }, (_, index) => index % 251);
    const requestOf = async (data: Uint8Array) => {
      const [block] = await blocksOf(app, {
        blocks: [
          {
            blockOverrides: { timestampSec: BigInt(pragueSec) },
            stateOverrides: { [deposits]: { code } },
            calls: [{ from: sender, to: deposits, data: Uint8Array.from([...topic, ...data]) }],
          },
        ],
      });
      expect(block?.calls[0]).toMatchObject({ status: 1, logs: [{ address: deposits }] });
      return Buffer.from(headerOf(block)[requestsHash]!);
    };
    const fields = [
      [192, 240],
      [288, 320],
      [352, 360],
      [416, 512],
      [544, 552],
    ].map(([from, to]) => log.subarray(from, to));
    expect(await requestOf(log)).toEqual(sha256(sha256(Uint8Array.of(0), ...fields)));
    expect(await requestOf(log.subarray(1))).toEqual(sha256());
  });
});
