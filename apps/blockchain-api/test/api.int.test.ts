/** Both faces over the real chain: read by their clients, written by another's signatures. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainSessionsData } from '@lucid/blockchain-sessions-data';
import { blockchainVm } from '@lucid/blockchain-vm';
import { bytesToHex } from '@lucid/bytes';
import { addresses } from '@lucid/chain-contracts';
import { blockchainApiContract, blockchainApiReadContract, onSystemChainContract } from '@lucid/contracts';
import { inclusionProof, leafHash, rootOfLeaves } from '@lucid/merkle';
import { onSystemChain } from '@lucid/on-system-chain';
import { onSystemChainClient } from '@lucid/on-system-chain-client';
import { sessionLeaf } from '@lucid/session-format';
import { createPublicClient, http } from 'viem';
import { callOf, codeOf, fieldsOf, sessionOf, World } from '../../blockchain-sessions-data/test/world.ts';
import { accountOf, chainId, eventually, gwei } from '../../on-system-chain/test/chain-stack.ts';
import { blockchainApi, blockchainApiRead } from '../src/index.ts';

const definitions = [
  ...[blockchainLedger, blockchainVm, onSystemChain, blockchainSessionsData],
  ...[blockchainApi, blockchainApiRead, onSystemChainClient],
];
const account = accountOf(0);
const address = account.address.toLowerCase();
const receiver = accountOf(5).address.toLowerCase() as `0x${string}`;
let world: World;
beforeAll(async () => {
  world = await World.start(definitions);
  await world.send(callOf.registerSession(sessionOf(1)));
}, 60_000);
afterAll(() => world?.dispose());

const quiet = { retry: false, breaker: false } as const;
const api = () => world.stack.clientOf(blockchainApiContract, quiet);
const reader = () => world.stack.clientOf(blockchainApiReadContract, quiet);
const urlOf = (service: string): string => world.stack.targetOf(service)?.origin ?? '';

const transfer = (nonce: number, value = 1n, feePerGas = 1_000n * gwei) =>
  account.signTransaction({
    ...{ type: 'eip1559', chainId, nonce, to: receiver, value, gas: 21_000n },
    ...{ maxFeePerGas: feePerGas, maxPriorityFeePerGas: gwei },
  });
const nonceOf = async (of: string): Promise<number> =>
  (await api().getBalance({ params: { address: of }, query: {} })).nonce;
const nonceNow = (): Promise<number> => nonceOf(address);
const mined = (hash: string) =>
  eventually(async () => {
    const found = await api().getTransaction({ params: { transaction: hash } });
    return found.status !== 'pending' && found;
  });

describe.each(['full', 'read-only'])('the %s face', (face) => {
  const client = () => (face === 'full' ? (api() as unknown as ReturnType<typeof reader>) : reader());

  test('says what chain it is', async () => {
    const info = await client().getInfo();
    expect(info).toMatchObject({ chainId, network: 'lucid_blocks', oldestBlock: 0, contracts: addresses });
    expect(info.genesisHash).toBe((await client().getBlockByHeight({ params: { height: 0 } })).blockHash);
    expect(new Date(info.time).toISOString()).toBe(info.time);
    expect((await client().getHeight()).height).toBeGreaterThan(0);
    expect(await client().getStatus()).toMatchObject({ pendingTransactions: expect.any(Number) });
    expect(await client().getNetwork()).toMatchObject({ name: 'lucid_blocks', chainId, peers: 0 });
    expect(await client().getConsensusStatus()).toMatchObject({
      ...{ mechanism: 'single-producer', confirmationsToFinal: 0 },
    });
  });

  test('tells of blocks by height, by hash, the newest, and page by page', async () => {
    const latest = await client().getLatestBlock();
    const params = { blockHash: latest.blockHash };
    expect(await client().getBlock({ params })).toEqual(latest);
    expect(await client().getBlockByHeight({ params: { height: latest.height } })).toEqual(latest);
    const heights: number[] = [];
    let before: number | undefined;
    do {
      const page = await client().listBlocks({ query: { limit: 2, ...(before ? { before } : {}) } });
      heights.push(...page.blocks.map(({ height }) => height));
      before = page.next ?? undefined;
    } while (before);
    expect(heights).toEqual(heights.map((_each, at) => heights[0]! - at));
    expect(heights.at(-1)).toBe(0);
    expect(await client().listBlocks({ query: { limit: 2, before: 0 } })).toEqual({ blocks: [], next: null });
    const unknown = [
      client().getBlockByHeight({ params: { height: 999_999 } }),
      client().getBlock({ params: { blockHash: `0x${'0'.repeat(64)}` } }),
    ];
    for (const asked of unknown) expect(await codeOf(asked)).toBe('block_unknown');
  });

  test('tells of anchors and proves them', async () => {
    const params = { sessionId: sessionOf(1).sessionId };
    const { merkleRoot } = sessionOf(1);
    expect(await client().getAnchoring({ params })).toMatchObject(params);
    expect((await client().getAnchoringStatus()).indexedHeight).toBeGreaterThan(0);
    expect(await client().validateMerkle({ params, query: { merkleRoot } })).toMatchObject({
      verified: true,
    });
    const query = { merkleRoot: '0'.repeat(64) };
    expect(await client().validateMerkle({ params, query })).toMatchObject({ verified: false });
    const unknown = { sessionId: sessionOf(99).sessionId };
    expect(await codeOf(client().getAnchoring({ params: unknown }))).toBe('session_unknown');
    expect(await codeOf(client().validateMerkle({ params: unknown, query: {} }))).toBe('session_unknown');
  });

  test('balances are decimal, also at a height', async () => {
    const of = (query: { height?: number }) => client().getBalance({ params: { address }, query });
    expect(await of({ height: 0 })).toMatchObject({ balanceWei: `1${'0'.repeat(27)}`, nonce: 0, height: 0 });
    const now = await of({});
    expect(BigInt(now.balanceWei)).toBeLessThan(10n ** 27n);
    expect(await codeOf(of({ height: 999_999 }))).toBe('state_unknown');
  });
});

test('a session that is handed in is registered once, and told with its transaction and block', async () => {
  const body = {
    ...{ sessionId: sessionOf(50).sessionId, ...fieldsOf(sessionOf(50)) },
    checkpoint: 'a checkpoint\n',
  };
  const handIn = () => api().registerSession({ body });
  expect(['pending', 'submitted', 'confirmed']).toContain((await handIn()).status);
  const told = await eventually(async () => {
    const answer = await handIn();
    return answer.status === 'confirmed' && answer;
  });
  const { transactionHash, height } = await reader().getAnchoring({
    params: { sessionId: body.sessionId },
  });
  expect(told).toMatchObject({ transactionHash, blockHeight: height });
  const sent = await nonceOf(accountOf(1).address.toLowerCase());
  expect(await handIn()).toEqual(told);
  const other = { ...body, merkleRoot: '9'.repeat(64) };
  expect(await codeOf(api().registerSession({ body: other }))).toBe('anchor_conflict');
  expect(await nonceOf(accountOf(1).address.toLowerCase())).toBe(sent);
  expect(await api().verifyAnchoring({ body: { sessionId: body.sessionId } })).toMatchObject({
    verified: true,
  });
}, 60_000);

test('a transaction is taken once, and told with its block, fee and events', async () => {
  const raw = await transfer(await nonceNow(), 5n);
  const { transactionHash } = await api().submitTransaction({ body: { raw } });
  const told = await mined(transactionHash);
  expect(told).toMatchObject({
    ...{ status: 'succeeded', from: address, to: receiver, valueWei: '5', type: 2 },
    block: { gasUsed: 21_000, events: 0, contractAddress: null },
  });
  const { effectiveGasPrice } = (await world.rpc('eth_getTransactionReceipt', transactionHash)).result as {
    effectiveGasPrice: string;
  };
  expect(told.block?.feeWei).toBe(String(21_000n * BigInt(effectiveGasPrice)));
  const block = await api().getBlockByHeight({ params: { height: told.block!.height } });
  expect(block).toMatchObject({ time: told.block?.time, blockHash: told.block?.blockHash });
  expect(block.transactions).toContain(transactionHash);
  expect(await reader().getTransaction({ params: { transaction: transactionHash } })).toEqual(told);
});

test('what waits is told, and may be sent again', async () => {
  const nonce = await nonceNow();
  const later = await transfer(nonce + 50);
  const { transactionHash } = await api().submitTransaction({ body: { raw: later } });
  expect(await api().submitTransaction({ body: { raw: later } })).toEqual({ transactionHash });
  expect(await api().getTransaction({ params: { transaction: transactionHash } })).toMatchObject({
    ...{ status: 'pending', nonce: nonce + 50 },
  });
  // A block comes at most once a second: what is sent right after one waits for the next.
  await eventually(async () => {
    const raw = await transfer(await nonceNow());
    const sent = await api().submitTransaction({ body: { raw } });
    const { transactions } = await reader().listPending({ query: { limit: 10 } });
    await mined(sent.transactionHash);
    return transactions.some((each) => each.transactionHash === sent.transactionHash);
  });
});

test('of many transactions each is taken or refused by itself', async () => {
  const nonce = await nonceNow();
  const raw = [await transfer(nonce), await transfer(nonce, 10n ** 30n), '0x02c0', await transfer(nonce + 1)];
  const { results } = await api().submitTransactions({ body: { raw } });
  expect(results.map((each) => Object.keys(each))).toEqual([
    ...[['transactionHash'], ['refused'], ['refused'], ['transactionHash']],
  ]);
  for (const { transactionHash } of results) if (transactionHash) await mined(transactionHash);
  const tooMany = Array.from({ length: 101 }, () => raw[0]!);
  expect(await codeOf(api().submitTransactions({ body: { raw: tooMany } }))).toBe('invalid_request');
});

test('what the chain does not take or know is refused in its words', async () => {
  const raw = await transfer(0);
  await expect(api().submitTransaction({ body: { raw } })).rejects.toMatchObject({
    ...{ code: 'transaction_refused', detail: expect.stringContaining('nonce too low') },
  });
  const params = { transaction: `0x${'1'.repeat(64)}` };
  expect(await codeOf(api().getTransaction({ params }))).toBe('transaction_unknown');
});

test('a block is the chain’s, byte by byte, or it is not', async () => {
  const { height, blockHash } = await api().getLatestBlock();
  const bytes = await world.stack.clientOf(onSystemChainContract).exportBlock({ params: { height } });
  const block = `0x${bytesToHex(bytes)}`;
  const validate = (hex: string) => api().validateBlock({ body: { block: hex } });
  expect(await validate(block)).toEqual({ valid: true, height, blockHash, faults: [] });
  const at = block.indexOf('6c75636964'); // "lucid", the extra data
  const forged =
    at < 0 ? `${block.slice(0, 100)}00${block.slice(102)}` : block.replace('6c75636964', '6c75636965');
  expect(await validate(forged)).toMatchObject({ valid: false, faults: [{ code: 'header_differs' }] });
  for (const bad of ['0x', '0x01', `${block}00`, '0xc0'])
    expect(await validate(bad)).toMatchObject({
      valid: false,
      height: null,
      faults: [{ code: 'malformed' }],
    });
  const genesis = await world.stack.clientOf(onSystemChainContract).exportBlock({ params: { height: 0 } });
  const own = bytesToHex(genesis);
  // The last member is the empty list of withdrawals: another list in its place leaves the header as it is.
  expect(own.endsWith('c0')).toBe(true);
  const body = await validate(`0x${own.slice(0, -2)}80`);
  expect(body).toMatchObject({ valid: false, height: 0, faults: [{ code: 'body_differs' }] });
});

test('trees are built and judged', async () => {
  const hashes = [1, 2, 3, 4, 5].map((each) => bytesToHex(leafHash(Uint8Array.of(each))));
  const { root, size, path = [] } = await api().buildTree({ body: { leafHashes: hashes, index: 2 } });
  expect(root).toBe(bytesToHex(rootOfLeaves(hashes.map((each) => Buffer.from(each, 'hex')))));
  const claim = { leafHash: hashes[2]!, index: 2, size, path, root };
  expect(await api().verifyTree({ body: claim })).toEqual({ valid: true });
  for (const change of [{ index: 1 }, { size: 4 }, { path: path.slice(1) }, { root: hashes[0]! }])
    expect(await api().verifyTree({ body: { ...claim, ...change } })).toEqual({ valid: false });
  expect(await codeOf(api().buildTree({ body: { leafHashes: hashes, index: 5 } }))).toBe('invalid_request');
});

test('a member of a batch is judged', async () => {
  const members = [20, 21, 22].map(sessionOf);
  const leaves = members.map((each) => leafHash(sessionLeaf(each)));
  const root = bytesToHex(rootOfLeaves(leaves));
  await world.send(callOf.registerSessions(root, 3));
  const batch = { root, index: 1, path: inclusionProof(leaves, 1, 3).map(bytesToHex) };
  const body = { sessionId: members[1]!.sessionId, ...fieldsOf(members[1]!), batch };
  expect(await api().verifyAnchoring({ body })).toMatchObject({ verified: true });
  expect(await api().verifyAnchoring({ body: { ...body, chunkCount: 1 } })).toMatchObject({
    verified: false,
  });
  const unknown = { ...batch, root: '9'.repeat(64) };
  expect(await codeOf(api().verifyAnchoring({ body: { ...body, batch: unknown } }))).toBe('batch_unknown');
  const { owner: _, ...incomplete } = body;
  expect(await codeOf(api().verifyAnchoring({ body: incomplete }))).toBe('invalid_request');
});

describe('JSON-RPC', () => {
  const ask = async (service: string, body: unknown) => {
    const response = await fetch(`${urlOf(service)}/api/v1/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json() as Promise<never>;
  };
  const request = (method: string, ...params: unknown[]) => ({ jsonrpc: '2.0', id: 7, method, params });

  test('another’s client reads through either face', async () => {
    for (const service of ['blockchain-api', 'blockchain-api-read']) {
      const transport = http(`${urlOf(service)}/api/v1/rpc`, { batch: true });
      const client = createPublicClient({ transport });
      const answers = await Promise.all([client.getChainId(), client.getBalance({ address: receiver })]);
      expect(answers[0]).toBe(chainId);
    }
  });

  test('the read-only face passes nothing on that changes or keeps something', async () => {
    const raw = await transfer(await nonceNow());
    const refused = { jsonrpc: '2.0', id: 7, error: { code: -32601 } };
    for (const method of [
      'eth_sendRawTransaction',
      'eth_newBlockFilter',
      'debug_traceTransaction',
      'nonsense',
    ])
      expect(await ask('blockchain-api-read', request(method, raw))).toMatchObject(refused);
    const mixed = [request('eth_chainId'), { ...request('eth_sendRawTransaction', raw), id: 8 }];
    expect(await ask('blockchain-api-read', mixed)).toMatchObject([
      { id: 7, result: '0x539' },
      { id: 8, error: { code: -32601 } },
    ]);
    const { id: _, ...notification } = request('eth_sendRawTransaction', raw);
    expect(await ask('blockchain-api-read', notification)).toBeNull();
    expect(await ask('blockchain-api-read', [notification])).toBeNull();
    for (const bad of [[], Array.from({ length: 21 }, () => request('eth_chainId')), [1], 'text', null])
      expect(JSON.stringify(await ask('blockchain-api-read', bad))).toContain('"error"');
    const { transactions } = await reader().listPending({ query: { limit: 100 } });
    expect(transactions).toEqual([]);
    expect(await ask('blockchain-api', request('eth_sendRawTransaction', raw))).toHaveProperty('result');
  });

  test('the read-only face has no route that writes', async () => {
    for (const path of [
      'transactions',
      'transactions/batch',
      'blocks/validate',
      'anchoring/verify',
      'anchoring/session',
      'merkle/build',
    ])
      expect([
        path,
        [404, 405].includes(
          (await fetch(`${urlOf('blockchain-api-read')}/api/v1/${path}`, { method: 'POST' })).status,
        ),
      ]).toEqual([path, true]);
  });
});
