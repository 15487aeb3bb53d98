/** Every method on a small chain of ours: answers have the shape that execution-apis describes, and say the same as each other. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { lucidAnchors } from '@lucid/chain-contracts';
import { encodeFunctionData, keccak256, toHex } from 'viem';
import { createMethods } from '../src/rpc/methods/all-methods.ts';
import { accountOf, chainId, eventually, gwei, startChain } from './chain-stack.ts';
import { describedMethods, shapeFaults } from './openrpc.ts';

let node: Awaited<ReturnType<typeof startChain>>;
let contract = '';
let creation = '';
let registration = '';
const sessionId = keccak256(toHex('a session'));

async function mine(
  fields: Record<string, unknown>,
): Promise<{ contractAddress: string; transactionHash: string }> {
  const nonce = Number((await node.rpc('eth_getTransactionCount', accountOf(0).address)).result);
  const raw = await accountOf(0).signTransaction({
    type: 'eip1559',
    chainId,
    nonce,
    gas: 2_000_000n,
    maxFeePerGas: 10n * gwei,
    maxPriorityFeePerGas: gwei,
    ...fields,
  } as never);
  const { result } = await node.rpc('eth_sendRawTransaction', raw);
  return eventually(async () => (await node.rpc('eth_getTransactionReceipt', result)).result as never);
}

beforeAll(async () => {
  node = await startChain();
  ({ contractAddress: contract, transactionHash: creation } = await mine({ data: lucidAnchors.bytecode }));
  const hash = keccak256('0x01');
  const args = [sessionId, hash, 1n, accountOf(1).address, hash, 1] as const;
  const data = encodeFunctionData({ abi: lucidAnchors.abi, functionName: 'registerSession', args });
  ({ transactionHash: registration } = await mine({ to: contract, data }));
  const waiting = await accountOf(2).signTransaction({
    type: 'legacy',
    chainId,
    nonce: 1,
    gas: 21_000n,
    gasPrice: gwei,
    to: accountOf(3).address,
  });
  await node.rpc('eth_sendRawTransaction', waiting);
});
afterAll(() => node?.close());

/** Asks; judges the shape. */
async function ask(method: string, ...params: unknown[]): Promise<unknown> {
  const { result, error } = await node.rpc(method, ...params);
  if (error) throw new Error(`${method}: ${error.code} ${error.message}`);
  expect(shapeFaults(method, result)).toEqual([]);
  return result;
}

describe('every method that execution-apis describes', () => {
  const notOffered = [
    'eth_fillTransaction',
    'eth_getBlockAccessList',
    'eth_sendTransaction',
    'eth_sign',
    'eth_signTransaction',
  ];
  test('is offered, or is known not to be', () => {
    const offered = new Set(Object.keys(createMethods({} as never)));
    expect(
      describedMethods()
        .filter((each) => !offered.has(each))
        .sort(),
    ).toEqual(notOffered);
  });

  test('answers in its shape', async () => {
    const account = accountOf(0).address;
    const block = (await ask('eth_getBlockByNumber', 'latest', true)) as { number: string; hash: string };
    const call = { to: contract, data: '0x' };
    const logs = { fromBlock: 'earliest', address: contract };
    const questions: [string, ...unknown[]][] = [
      ...[
        'eth_accounts',
        'eth_baseFee',
        'eth_blobBaseFee',
        'eth_blockNumber',
        'eth_capabilities',
        'eth_chainId',
        'eth_coinbase',
        'eth_gasPrice',
        'eth_maxPriorityFeePerGas',
        'eth_syncing',
        'net_version',
      ].map((each): [string] => [each]),
      ['eth_call', { to: account }, 'latest'],
      ['eth_createAccessList', { from: account, to: account, value: '0x1' }],
      ['eth_estimateGas', { from: account, to: account, value: '0x1' }],
      ['eth_feeHistory', '0x3', 'latest', [0, 50, 100]],
      ['eth_feeHistory', 2, 'latest', []],
      ['eth_getBalance', account, block.hash],
      ['eth_getBlockByHash', block.hash, false],
      ['eth_getBlockByHash', `0x${'00'.repeat(32)}`, false],
      ['eth_getBlockByNumber', 'earliest', true],
      ['eth_getBlockByNumber', 'pending', false],
      ['eth_getBlockByNumber', '0xffff', false],
      ['eth_getBlockReceipts', { blockHash: block.hash }],
      ['eth_getBlockTransactionCountByHash', block.hash],
      ['eth_getBlockTransactionCountByNumber', block.number],
      ['eth_getCode', contract],
      ['eth_getLogs', logs],
      ['eth_getProof', contract, ['0x0', `0x${'00'.repeat(31)}01`], block.number],
      ['eth_getStorageAt', contract, '0x0'],
      ['eth_getStorageValues', { [contract]: ['0x0', '0x1'] }],
      ['eth_config'],
      ['eth_simulateV1', { blockStateCalls: [{ calls: [{ from: account, to: account }] }] }, 'latest'],
      ['eth_getTransactionByBlockHashAndIndex', block.hash, '0x0'],
      ['eth_getTransactionByBlockNumberAndIndex', block.number, '0x7'],
      ['eth_getTransactionByHash', registration],
      ['eth_getTransactionCount', account, 'pending'],
      ['eth_getTransactionReceipt', creation],
    ];
    for (const [method, ...params] of questions) await ask(method, ...params);
    expect((await node.rpc('eth_call', call)).error?.code).toBe(3);
    const asked = new Set([
      ...questions.map(([method]) => method),
      'eth_getBlockByNumber',
      'eth_sendRawTransaction',
    ]);
    const ofFilters = [
      'eth_newFilter',
      'eth_newBlockFilter',
      'eth_newPendingTransactionFilter',
      'eth_getFilterChanges',
      'eth_getFilterLogs',
      'eth_uninstallFilter',
    ];
    expect(
      describedMethods()
        .filter((each) => !asked.has(each))
        .sort(),
    ).toEqual([...notOffered, ...ofFilters].sort());
  });
});

test('filters tell what is new since they were asked', async () => {
  const logs = (await ask('eth_newFilter', { address: contract })) as string;
  const blocks = (await ask('eth_newBlockFilter')) as string;
  const pending = (await ask('eth_newPendingTransactionFilter')) as string;
  for (const id of [logs, blocks, pending]) expect(await ask('eth_getFilterChanges', id)).toEqual([]);
  const hash = keccak256('0x02');
  const args = [keccak256('0x03'), hash, 1n, accountOf(1).address, hash, 1] as const;
  const data = encodeFunctionData({ abi: lucidAnchors.abi, functionName: 'registerSession', args });
  const { transactionHash } = await mine({ to: contract, data });
  const twiceAtOnce = async (id: string): Promise<unknown[]> => {
    const answers = await Promise.all([ask('eth_getFilterChanges', id), ask('eth_getFilterChanges', id)]);
    return answers.flat();
  };
  expect(await twiceAtOnce(logs)).toMatchObject([{ transactionHash, address: contract }]);
  expect(await twiceAtOnce(pending)).toEqual([transactionHash]);
  expect(await twiceAtOnce(blocks)).toHaveLength(1);
  expect(await ask('eth_getFilterChanges', blocks)).toEqual([]);
  expect(await ask('eth_getFilterLogs', logs)).toHaveLength(1);
  expect(await ask('eth_uninstallFilter', logs)).toBe(true);
  expect(await ask('eth_uninstallFilter', logs)).toBe(false);
  expect((await node.rpc('eth_getFilterChanges', logs)).error).toMatchObject({
    code: -32000,
    message: 'filter not found',
  });
});

test('what waits is shown by the mempool', async () => {
  const sender = accountOf(2).address;
  expect((await node.rpc('txpool_status')).result).toEqual({ pending: '0x0', queued: '0x1' });
  expect((await node.rpc('txpool_content')).result).toMatchObject({
    pending: {},
    queued: { [sender]: { '1': { blockHash: null, gasPrice: '0x3b9aca00', nonce: '0x1', type: '0x0' } } },
  });
  expect((await node.rpc('txpool_contentFrom', sender)).result).toMatchObject({ queued: { '1': {} } });
  expect((await node.rpc('txpool_inspect')).result).toEqual({
    pending: {},
    queued: { [sender]: { '1': `${accountOf(3).address}: 0 wei + 21000 gas × 1000000000 wei` } },
  });
});

test('raw blocks, headers, receipts and transactions have the hashes by which they are called', async () => {
  const { blockHash } = (await ask('eth_getTransactionReceipt', registration)) as { blockHash: string };
  const header = (await node.rpc('debug_getRawHeader', { blockHash })).result as `0x${string}`;
  expect(keccak256(header)).toBe(blockHash);
  const block = (await node.rpc('debug_getRawBlock', blockHash)).result as string;
  expect(block).toContain(header.slice(2));
  expect((await node.rpc('debug_getRawReceipts', blockHash)).result).toHaveLength(1);
  const raw = (await node.rpc('debug_getRawTransaction', registration)).result as `0x${string}`;
  expect(keccak256(raw)).toBe(registration);
});

test('what was executed is told step by step', async () => {
  const { result } = await node.rpc('debug_traceTransaction', registration);
  expect(result).toMatchObject({
    failed: false,
    structLogs: expect.arrayContaining([expect.objectContaining({ op: 'LOG3' })]),
  });
  const tree = await node.rpc('debug_traceTransaction', registration, {
    tracer: 'callTracer',
    tracerConfig: { withLog: true },
  });
  expect(tree.result).toMatchObject({ type: 'CALL', to: contract, logs: [{ address: contract }] });
  const called = await node.rpc('debug_traceCall', { to: contract }, 'latest', { tracer: 'callTracer' });
  expect(called.result).toMatchObject({ error: 'execution reverted' });
  expect(
    (await node.rpc('debug_traceTransaction', registration, { tracer: 'prestateTracer' })).error?.code,
  ).toBe(-32602);
});

test('the operation of the contract is the same dispatcher', async () => {
  const body = [{ jsonrpc: '2.0', id: 7, method: 'eth_chainId' }];
  expect(await node.chain.rpc({ body })).toEqual([{ jsonrpc: '2.0', id: 7, result: '0x539' }]);
  expect(await node.chain.rpc({ body: { jsonrpc: '2.0', method: 'eth_chainId' } })).toBeNull();
  const status = await node.chain.getStatus();
  expect(status).toMatchObject({ chainId, network: 'lucid_blocks', queuedTransactions: 1 });
  const block = await node.chain.exportBlock({ params: { height: status.height } });
  expect(toHex(block)).toBe((await node.rpc('debug_getRawBlock', 'latest')).result);
  await expect(node.chain.exportBlock({ params: { height: 9_999 } })).rejects.toMatchObject({
    code: 'block_out_of_order',
  });
  await expect(
    node.chain.importBlock({ params: { height: status.height + 1 }, body: block }),
  ).rejects.toMatchObject({ code: 'chain_produces' });
  const again = await node.chain.importBlock({ params: { height: status.height }, body: block });
  expect(again.blockHash).toBe(status.blockHash);
});

test('a node that makes no blocks takes those of another one, in their order only', async () => {
  const other = await startChain({ environment: { CHAIN_PRODUCE: 'off' } });
  try {
    const { height } = await node.chain.getStatus();
    const blockOf = (at: number) => node.chain.exportBlock({ params: { height: at } });
    await expect(
      other.chain.importBlock({ params: { height: 2 }, body: await blockOf(2) }),
    ).rejects.toMatchObject({ code: 'block_out_of_order' });
    const damaged = Uint8Array.from(await blockOf(1));
    damaged[100] = (damaged[100] as number) ^ 1;
    await expect(other.chain.importBlock({ params: { height: 1 }, body: damaged })).rejects.toMatchObject({
      code: 'block_invalid',
    });
    for (let at = 0; at <= height; at++)
      await other.chain.importBlock({ params: { height: at }, body: await blockOf(at) });
    const [one, two] = [await node.chain.getStatus(), await other.chain.getStatus()];
    expect(two).toMatchObject({ blockHash: one.blockHash, stateRoot: one.stateRoot, producer: null });
  } finally {
    await other.close();
  }
});
