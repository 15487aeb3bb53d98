/** `eth_simulateV1` held to go-ethereum (vectors/chain/simulations.json, see vectors/README.md), to this node's limits, and asked by viem. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lucidAnchors } from '@lucid/chain-contracts';
import {
  type Address,
  createPublicClient,
  http,
  keccak256,
  numberToHex,
  parseEther,
  parseEventLogs,
} from 'viem';
import { ownVector } from '../../../vectors/locate.ts';
import { accountOf, type RpcAnswer, startChain } from './chain-stack.ts';
import { shapeFaults } from './openrpc.ts';

interface Asked extends RpcAnswer {
  readonly method: string;
  readonly params: readonly unknown[];
}
const { genesis } = JSON.parse(ownVector('chain/geth.json')) as { genesis: object };
const vector = JSON.parse(ownVector('chain/simulations.json')) as {
  readonly blocks: readonly string[];
  readonly answers: readonly Asked[];
  /** The same blocks on a chain that shall have Prague, Osaka and BPO1. */
  readonly later: { readonly config: unknown; readonly answers: readonly Asked[] };
};

const bytesOf = (hex: string) => Buffer.from(hex.slice(2), 'hex');

/** geth 1.17 has the general code where execution-apis now has one of its own. */
function asNow({ error }: RpcAnswer): RpcAnswer['error'] {
  if (error?.code === -32_602 && error.message.startsWith('err: max fee per gas less than block base fee'))
    return { ...error, code: -38_012 };
  return error;
}

const emptyBloom = `0x${'0'.repeat(512)}`;

/** geth computes the chain of an unsigned legacy transaction from its v, below 0; the file has 0x0 for a bloom without logs. */
const asWritten = (result: unknown): unknown =>
  result === undefined
    ? undefined
    : JSON.parse(JSON.stringify(result), (name, value) => {
        if (name === 'chainId' && value === '0x7fffffffffffffee') return undefined;
        return name === 'logsBloom' && value === '0x0' ? emptyBloom : value;
      });

describe.each([
  ['its chain', genesis, vector.answers],
  ['its chain with later forks', { ...genesis, config: vector.later.config }, vector.later.answers],
])('what go-ethereum answers: %s', (_name, source, answers) => {
  let node: Awaited<ReturnType<typeof startChain>>;
  beforeAll(async () => {
    node = await startChain({ genesis: source, environment: { CHAIN_PRODUCE: 'off' } });
    for (const [index, rlp] of vector.blocks.entries())
      await node.chain.importBlock({ params: { height: index + 1 }, body: bytesOf(rlp) });
  });
  afterAll(() => node?.close());

  test.each(answers.map((answer, index) => [index, answer.method, answer] as const))(
    'is answered here: %d %s',
    async (_, method, answer) => {
      const told = await node.rpc(method, ...answer.params);
      expect(told.error).toEqual(asNow(answer));
      expect(told.result).toEqual(asWritten(answer.result));
    },
  );
});

describe('on a chain of ours', () => {
  let node: Awaited<ReturnType<typeof startChain>>;
  beforeAll(async () => {
    node = await startChain();
  });
  afterAll(() => node?.close());
  const [from, to, contract] = [accountOf(0), accountOf(1), accountOf(7)].map(({ address }) => address) as [
    Address,
    Address,
    Address,
  ];
  const viem = () => createPublicClient({ transport: http(node.url, { retryCount: 0 }) });
  const simulate = (...blockStateCalls: unknown[]) =>
    node.rpc('eth_simulateV1', { blockStateCalls }, 'latest');
  const hash = keccak256('0x01');
  const registration = {
    account: from,
    to: contract,
    abi: lucidAnchors.abi,
    functionName: 'registerSession',
    args: [hash, hash, 1n, to, hash, 1],
  } as const;

  test('viem simulates blocks: values, logs, what a contract refuses', async () => {
    // Blocks that fill a gap are more than viem expects, so none names its number.
    const [first, second] = await viem().simulateBlocks({
      traceTransfers: true,
      blocks: [
        {
          blockOverrides: { time: 1_900_000_000n },
          stateOverrides: [{ address: contract, code: lucidAnchors.deployedBytecode }],
          calls: [{ account: from, to, value: parseEther('2') }],
        },
        { calls: [{ account: to, to: from, value: 1n }, registration, registration] },
      ],
    });
    expect(first).toMatchObject({
      timestamp: 1_900_000_000n,
      calls: [{ status: 'success', gasUsed: 21_000n }],
    });
    expect(first?.calls[0]?.logs?.[0]?.data).toBe(numberToHex(parseEther('2'), { size: 32 }));
    expect(second?.timestamp).toBe(1_900_000_012n);
    const [, registered, again] = second?.calls ?? [];
    expect(registered).toMatchObject({ status: 'success' });
    const [event] = parseEventLogs({ abi: lucidAnchors.abi, logs: registered?.logs ?? [] });
    expect(event).toMatchObject({ eventName: 'SessionRegistered', args: { sessionId: hash, owner: to } });
    expect(again?.status).toBe('failure');
    expect(await viem().getCode({ address: contract })).toBeUndefined();
  });

  test('viem simulates calls, with what they do to the assets of an account', async () => {
    const calls = [{ to, value: parseEther('1.5') }] as const;
    const told = await viem().simulateCalls({ account: from, calls, traceAssetChanges: true });
    expect(told.results).toMatchObject([{ status: 'success', gasUsed: 21_000n }]);
    expect(told.assetChanges).toMatchObject([{ value: { diff: -parseEther('1.5') } }]);
  });

  test('viem names what is refused', async () => {
    const poor = '0x000000000000000000000000000000000000dead';
    const blocks = [{ calls: [{ from: poor, to, value: 1n }] }] as const;
    await expect(viem().simulateBlocks({ blocks: blocks as never })).rejects.toThrow(/insufficient funds/i);
  });

  test('an answer has the shape of execution-apis', async () => {
    const { result } = await simulate({ calls: [{ from, to, value: '0x1' }] }, {});
    expect(shapeFaults('eth_simulateV1', result)).toEqual([]);
  });

  test('what takes too long ends, and others are answered meanwhile', async () => {
    const loop = { stateOverrides: { [contract]: { code: '0x5b5f56' } }, calls: [{ from, to: contract }] };
    let isOver = false;
    const many = Promise.all([simulate(loop), simulate(loop)]).finally(() => {
      isOver = true;
    });
    await node.rpc('eth_getBalance', from, 'latest');
    expect(isOver).toBe(false);
    // On a machine that is very busy the deadline of the question comes before the end of its steps.
    const ends = /^(execution aborted \(timeout\)|the node did not find the answer in time)/;
    for (const { error } of await many) expect(error?.message).toMatch(ends);
  });

  const withdrawal = { index: '0x1', validatorIndex: '0x1', address: to };
  test.each<[string, unknown]>([
    ['empty input', {}],
    ['empty input', { blockStateCalls: {} }],
    ['an object belongs here, not number', { blockStateCalls: [1] }],
    ['validation: true or false belongs here', { blockStateCalls: [{}], validation: 'yes' }],
    ['calls: an array belongs here', { blockStateCalls: [{ calls: {} }] }],
    ['authorizationList is not taken', { blockStateCalls: [{ calls: [{ authorizationList: [{}] }] }] }],
    ['blockOverrides: time: hex string without', { blockStateCalls: [{ blockOverrides: { time: '12' } }] }],
    ['withdrawals: a string', { blockStateCalls: [{ blockOverrides: { withdrawals: [withdrawal] } }] }],
    [
      'movePrecompileToAddress: hex string has length 2, want 40',
      { blockStateCalls: [{ stateOverrides: { [to]: { movePrecompileToAddress: '0x01' } } }] },
    ],
    [
      'both "state" and "stateDiff"',
      { blockStateCalls: [{ stateOverrides: { [to]: { state: {}, stateDiff: {} } } }] },
    ],
  ])('what is no simulation is refused: %s', async (words, options) => {
    const { error } = await node.rpc('eth_simulateV1', options, 'latest');
    expect(error?.code).toBe(-32_602);
    expect(error?.message).toContain(words);
  });

  test('more than a node takes is refused with its code', async () => {
    const calls = Array(10_001).fill({});
    expect(await simulate({ calls })).toMatchObject({ error: { code: -38_026 } });
    const input = `0x${'00'.repeat(600_000)}`;
    expect(await simulate({ calls: [{ to, input }] })).toMatchObject({
      error: { code: -32_005, message: 'the request is too large for this node' },
    });
  });
});
