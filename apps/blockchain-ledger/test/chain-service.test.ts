import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { bytesToBase64, hexToBytes } from '@lucid/bytes';
import { formatSignerKey } from '@lucid/checkpoint';
import { blockchainLedgerContract } from '@lucid/contracts';
import { leafHash, verifyInclusion } from '@lucid/merkle';
import { createServiceKeys } from '@lucid/service-kit';
import { createManualClock, startTestStack, type TestStack } from '@lucid/service-kit/testing';
import { createNotary } from '../src/domain/notary.ts';
import { blockchainLedger } from '../src/index.ts';
import { addressOf, makeBlock, makeChain, type TestBlock, topicOf } from './chain-kit.ts';
import { codeOf, hex, seedOf } from './log-kit.ts';

const logKey = { name: 'lucid.invalid/ledger', secretKey: seedOf('chain service') };
const notary = createNotary({ origin: logKey.name, secretKey: logKey.secretKey });
const clock = createManualClock();
let folder = '';
let stack: TestStack;
let blocks: TestBlock[];

beforeAll(async () => {
  blocks = await makeChain(3, (height) =>
    Array.from({ length: height * 2 }, () => ({
      type: 2,
      logs: [[addressOf(1), [topicOf(height)], Uint8Array.of(height)]],
    })),
  );
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-chain-'));
  await start();
});
afterEach(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  stack = await startTestStack({
    definitions: [blockchainLedger],
    clock,
    keys: createServiceKeys(['blockchain-ledger', 'on-system-chain', 'session-api', 'operator']),
    environment: { LEDGER_DATA_DIR: folder, LEDGER_SIGNING_KEY: formatSignerKey(logKey) },
  });
}
const client = (as = 'on-system-chain') =>
  stack.clientOf(blockchainLedgerContract, { as, retry: false, breaker: false });
const put = (block: TestBlock) => client().putBlock({ params: { height: block.height }, body: block.bytes });
const name = (bytes: Uint8Array): string => `0x${hex(bytes)}`;

test('a ledger without blocks has no store for them', async () => {
  expect(await codeOf(client().getChainHead())).toBe('not_in_chain');
  expect(await codeOf(client().getBlock({ params: { height: 0 } }))).toBe('not_in_chain');
  expect(await codeOf(client('operator').checkChain({ body: {} }))).toBe('not_in_chain');
  expect(await codeOf(client('operator').pruneBlocks({ body: { keepBlocks: 128 } }))).toBe('not_in_chain');
  expect(await stack.ready()).toMatchObject({ 'blockchain-ledger': { status: 'ready' } });
  expect(existsSync(join(folder, 'chain'))).toBe(false);
});

test('blocks are kept, read, found and proven, also after a restart', async () => {
  for (const block of blocks)
    expect(await put(block)).toEqual({
      height: block.height,
      blockHash: name(block.hash),
      stateRoot: name(topicOf(block.height)),
    });
  for (const _ of ['before', 'after a restart']) {
    expect(await client().getChainHead()).toEqual({
      height: 2,
      blockHash: name(blocks[2]!.hash),
      stateRoot: name(topicOf(2)),
      timestampSec: blocks[2]!.timestampSec,
      oldestBody: 0,
      transactions: 6,
    });
    expect(hex(await client().getBlock({ params: { height: 2 } }))).toBe(hex(blocks[2]!.bytes));
    expect(hex(await client().getHeader({ params: { height: 1 } }))).toBe(hex(blocks[1]!.header));
    expect(await client().locateBlock({ params: { blockHash: name(blocks[1]!.hash) } })).toEqual({
      height: 1,
    });
    const transaction = name(blocks[2]!.transactionHashes[3]!);
    expect(await client().locateTransaction({ params: { transaction } })).toEqual({ height: 2, index: 3 });
    const { logs } = await client().findLogs({
      body: { fromHeight: 0, toHeight: 99, addresses: [name(addressOf(1))], topics: [[name(topicOf(2))]] },
    });
    expect(logs.length).toBe(4);
    expect(logs[3]).toEqual({
      address: name(addressOf(1)),
      topics: [name(topicOf(2))],
      data: '0x02',
      height: 2,
      blockHash: name(blocks[2]!.hash),
      timestampSec: blocks[2]!.timestampSec,
      transactionHash: transaction,
      transactionIndex: 3,
      logIndex: 3,
    });
    const check = await client('operator').checkChain({ body: {} });
    expect(check).toEqual({ blocks: 3, transactions: 6, faultsFound: 0, faults: [] });
    await stack.close();
    await start();
  }
});

test('a header’s proof leads to the signed checkpoint of the log, a transaction’s to the header', async () => {
  for (const block of blocks) await put(block);
  const transaction = name(blocks[2]!.transactionHashes[1]!);
  const proof = await client().getTransactionProof({ params: { transaction } });
  expect(proof).toMatchObject({ height: 2, transactionIndex: 1, firstLogIndex: 1, gasUsed: '0x5208' });
  const header = await client().getHeaderProof({ params: { height: 2 } });
  expect(proof).toMatchObject(header);
  expect(header.header).toBe(bytesToBase64(blocks[2]!.header));
  const { size, root } = notary.open(header.entry.checkpoint)!;
  const isProven = verifyInclusion({
    leafHash: leafHash(blocks[2]!.header),
    index: header.entry.index,
    size,
    proof: header.entry.inclusion.map((each) => hexToBytes(each)),
    root,
  });
  expect(isProven).toBe(true);
  expect(await codeOf(client().getHeaderProof({ params: { height: 3 } }))).toBe('not_in_chain');
  const byKey = await client().getEntryByKey({ params: { key: 'block/2' } });
  expect(byKey.entry).toBe(header.header);
});

test('refusals have their codes, and nobody else may write the chain’s entries', async () => {
  await put(blocks[0]!);
  expect(await codeOf(put(blocks[2]!))).toBe('block_out_of_order');
  expect(await codeOf(put({ ...blocks[1]!, bytes: Uint8Array.of(0xc0) }))).toBe('block_invalid');
  expect(await codeOf(put(await makeBlock({ extraData: 'another' })))).toBe('block_conflict');
  expect(
    await codeOf(client('session-api').putBlock({ params: { height: 1 }, body: blocks[1]!.bytes })),
  ).toBe('forbidden');
  const key = 'block/1';
  expect(await codeOf(client().putEntry({ params: { key }, body: Uint8Array.of(1) }))).not.toBe('no error');
  expect(await codeOf(client('operator').putEntry({ params: { key }, body: Uint8Array.of(1) }))).toBe(
    'invalid_request',
  );
  expect(await codeOf(client('operator').appendEntry({ query: { key }, body: Uint8Array.of(1) }))).toBe(
    'invalid_request',
  );
  await put(blocks[1]!);
});

test('a lost store of blocks takes only the same blocks again', async () => {
  for (const block of blocks) await put(block);
  await stack.close();
  await rm(join(folder, 'chain'), { recursive: true });
  await start();
  expect(await codeOf(client().getChainHead())).toBe('not_in_chain');
  await put(blocks[0]!);
  expect(await codeOf(put(await makeBlock({ parent: blocks[0], extraData: 'forged' })))).toBe(
    'ledger_rolled_back',
  );
  await put(blocks[1]!);
  await put(blocks[2]!);
  expect(await client('operator').checkChain({ body: {} })).toMatchObject({ blocks: 3, faultsFound: 0 });
});
