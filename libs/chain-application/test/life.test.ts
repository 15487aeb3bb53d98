import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import {
  type ChainApplication,
  decodeTransaction,
  recoverSender,
  type StructLogTrace,
  type TransactionRefusal,
} from '../src/index.ts';
import {
  accounts,
  commitNext,
  contracts,
  gwei,
  openChain,
  propose,
  proposer,
  sampleBlocks,
  startSec,
  storeCall,
  transaction,
} from './test-chain.ts';

const open = (): Promise<ChainApplication> => openChain(createMemoryKvStore());

describe('the life of a block', () => {
  test('what is proposed is executed, seen after the commit and not before', async () => {
    const app = await open();
    const executed = await propose(app, [storeCall(0, 0, 3, 9)]);
    expect(executed.results[0]).toMatchObject({ status: 1, sender: accounts[0], contractAddress: null });
    expect(executed.results[0]!.logs).toEqual([
      {
        address: contracts.store,
        topics: [`0x${'3'.padStart(64, '0')}`],
        data: `0x${'9'.padStart(64, '0')}`,
      },
    ]);
    expect(app.info().pending).toMatchObject({ height: 1, stateRoot: executed.stateRoot });
    expect(await app.storage(contracts.store, 3n)).toBe(`0x${'0'.repeat(64)}`);
    expect(await app.commit(executed.blockHash)).toMatchObject({ height: 1, blockHash: executed.blockHash });
    expect(await app.storage(contracts.store, 3n)).toBe(`0x${'9'.padStart(64, '0')}`);
    expect(await app.storage(contracts.store, 3n, { height: 0 })).toBe(`0x${'0'.repeat(64)}`);
    expect(app.info()).toMatchObject({ height: 1, pending: null });
  });

  test('one at a time, in order, and only what was executed is committed', async () => {
    const app = await open();
    await expect(app.commit()).rejects.toMatchObject({ code: 'block_not_executed' });
    await expect(propose(app, [], { height: 2 })).rejects.toMatchObject({ code: 'block_out_of_order' });
    const executed = await propose(app, []);
    await expect(propose(app, [])).rejects.toMatchObject({ code: 'block_pending' });
    await expect(app.commit(`0x${'1'.repeat(64)}`)).rejects.toMatchObject({ code: 'block_not_executed' });
    await app.commit(executed.blockHash);
    const { timestampSec } = app.info();
    await expect(propose(app, [], { timestampSec })).rejects.toMatchObject({ code: 'block_invalid' });
    await expect(propose(app, [], { extraData: new Uint8Array(33) })).rejects.toMatchObject({
      code: 'block_invalid',
    });
    await expect(propose(app, [], { proposer: '0x12' })).rejects.toMatchObject({ code: 'block_invalid' });
    expect((await commitNext(app, [])).height).toBe(2);
  });

  test('an abandoned block leaves no trace, and the same proposal gives the same block', async () => {
    const app = await open();
    const blocks = sampleBlocks(4);
    await commitNext(app, blocks[0]!);
    const first = await propose(app, blocks[1]!);
    await app.abandon();
    expect(app.info().pending).toBeNull();
    await propose(app, blocks[1]!.toReversed());
    await app.abandon();
    const second = await propose(app, blocks[1]!);
    expect(second.blockHash).toBe(first.blockHash);
    await app.commit();
    await commitNext(app, blocks[2]!);
    expect((await app.checkIntegrity()).faults).toEqual([]);
  });

  test('a crash between execution and commit: the store is at the parent, and the block can be made again', async () => {
    const store = createMemoryKvStore();
    const app = await openChain(store);
    const [first, second] = sampleBlocks(2);
    await commitNext(app, first!);
    const lost = await propose(app, second!);
    const again = await openChain(store.copy());
    expect(again.info()).toMatchObject({ height: 1, pending: null });
    expect((await again.importBlock(lost.blockRlp)).stateRoot).toBe(lost.stateRoot);
    expect((await again.commit(lost.blockHash)).height).toBe(2);
  });
});

describe('replay', () => {
  test('from genesis, by import, each block has the same hash, results and receipts', async () => {
    const made = await open();
    const replayed = await open();
    for (const transactions of sampleBlocks(12)) {
      const executed = await commitNext(made, transactions);
      const imported = await replayed.importBlock(executed.blockRlp);
      expect({ ...imported, leftOut: [] }).toEqual(executed);
      await replayed.commit(executed.blockHash);
    }
    expect(replayed.info()).toEqual(made.info());
  });

  test('senders that were recovered elsewhere give the same block', async () => {
    const [one, other, third] = [await open(), await open(), await open()];
    for (const transactions of sampleBlocks(3)) {
      const senders = transactions.map((raw) => recoverSender(raw) ?? undefined);
      const executed = await propose(other, transactions, { senders });
      expect(executed.blockHash).toBe((await commitNext(one, transactions)).blockHash);
      await other.commit();
      const imported = await third.importBlock(executed.blockRlp, { senders });
      expect({ ...imported, leftOut: [] }).toEqual(executed);
      await third.commit(executed.blockHash);
    }
  });

  test('a block of which any byte of the header or body is another one is refused', async () => {
    const app = await open();
    const executed = await propose(app, sampleBlocks(1)[0]!);
    await app.abandon();
    const step = Math.floor(executed.blockRlp.length / 60);
    for (let at = 3; at < executed.blockRlp.length; at += step) {
      const flipped = Uint8Array.from(executed.blockRlp);
      flipped[at] = flipped[at]! ^ 1;
      const outcome = await app.importBlock(flipped).then(
        ({ blockHash }) => blockHash,
        ({ code }) => code,
      );
      // Time, extra data, coinbase and the like make another block that is as valid: then with another state or hash.
      expect(outcome).not.toBe(executed.blockHash);
      await app.abandon();
    }
    await app.importBlock(executed.blockRlp);
    expect((await app.commit()).blockHash).toBe(executed.blockHash);
  });
});

describe('transactions that cannot be executed', () => {
  test('are left out with the reason, and the others are executed', async () => {
    const app = await open();
    const { leftOut, results } = await propose(app, [
      transaction(0, { nonce: 1 }),
      transaction(0, { nonce: 0 }),
      transaction(0, { nonce: 0 }),
      Uint8Array.of(1, 2, 3),
      transaction(1, { nonce: 0, value: 10n ** 20n }),
      transaction(1, { nonce: 0, maxFeePerGas: 5n }),
      transaction(2, { nonce: 0, gasLimit: 20_000 }),
      transaction(2, { nonce: 0, chainId: 5 }),
      transaction(2, { nonce: 0, gasLimit: 9_000_000 }),
      transaction(0, { nonce: 1, value: 2n }),
    ]);
    expect(results).toHaveLength(2);
    expect(leftOut.map(({ index, refusal }) => [index, refusal.reason])).toEqual([
      [0, 'nonce_too_high'],
      [2, 'nonce_too_low'],
      [3, 'malformed'],
      [4, 'insufficient_funds'],
      [5, 'fee_cap_below_base_fee'],
      [6, 'intrinsic_gas_too_low'],
      [7, 'wrong_chain_id'],
      [8, 'exceeds_gas_cap'],
    ]);
  });

  test('a block holds no more transactions and bytes than its limits', async () => {
    const raws = Array.from({ length: 6 }, (_, nonce) => transaction(0, { nonce }));
    const few = await openChain(createMemoryKvStore(), { limits: { maxTransactions: 4 } });
    expect((await propose(few, raws)).results).toHaveLength(4);
    const small = await openChain(createMemoryKvStore(), {
      limits: { maxTransactionsSizeBytes: 3 * raws[0]!.length },
    });
    const { results, leftOut } = await propose(small, raws);
    expect([results.length, leftOut[0]!.refusal.reason]).toEqual([3, 'block_full']);
  });
});

describe('checkTransaction', () => {
  const big = (bytes: number): `0x${string}` => `0x${'01'.repeat(bytes)}`;
  const cases: [TransactionRefusal, Uint8Array, string][] = [
    ['malformed', Uint8Array.of(), 'typed transaction too short'],
    ['malformed', Uint8Array.of(0xc0), 'rlp: wrong number of elements'],
    ['type_not_supported', Uint8Array.of(9, 0xc0), 'transaction type not supported'],
    ['nonce_too_low', transaction(0, { nonce: 0 }), 'nonce too low: next nonce 1, tx nonce 0'],
    ['nonce_too_high', transaction(0, { nonce: 5000 }), 'nonce too high'],
    [
      'insufficient_funds',
      transaction(0, { nonce: 1, value: 10n ** 20n }),
      'insufficient funds for gas * price + value: balance ',
    ],
    [
      'intrinsic_gas_too_low',
      transaction(0, { nonce: 1, gasLimit: 20_999 }),
      'intrinsic gas too low: gas 20999, minimum needed 21000',
    ],
    [
      'exceeds_gas_cap',
      transaction(0, { nonce: 1, gasLimit: 8_000_001 }),
      'transaction gas limit too high (cap: 8000000, tx: 8000001)',
    ],
    ['underpriced', transaction(0, { nonce: 1, maxFeePerGas: gwei - 1n }), 'transaction underpriced'],
    [
      'wrong_chain_id',
      transaction(0, { nonce: 1, chainId: 1 }),
      'invalid sender: invalid chain id for signer: have 1 want 1337',
    ],
    [
      'oversized',
      transaction(0, { nonce: 1, data: big(100_000), gasLimit: 5_000_000 }),
      'oversized data: transaction size',
    ],
  ];

  test.each(cases)('%s', async (reason, raw, message) => {
    const app = await open();
    await commitNext(app, [transaction(0, { nonce: 0 })]);
    const result = await app.checkTransaction(raw);
    expect(result).toMatchObject({ ok: false, reason, code: -32_000 });
    expect('message' in result && result.message).toContain(message);
  });

  test('a signature of which one bit is another one is of another sender, or of none', async () => {
    const app = await open();
    const raw = transaction(0, { nonce: 0 });
    raw[raw.length - 1] = raw[raw.length - 1]! ^ 1;
    const result = await app.checkTransaction(raw);
    expect(result.ok).toBe(false);
    expect(recoverSender(raw)).not.toBe(accounts[0]);
  });

  test('tells what the mempool needs to know, and heeds what the mempool holds', async () => {
    const app = await open();
    const raw = transaction(3, { nonce: 2, value: 7n, to: proposer });
    const { cost, ...rest } = decodeTransaction(raw);
    expect(await app.checkTransaction(raw)).toEqual({
      ok: true,
      cost,
      ...rest,
      accountNonce: 0n,
      balance: 10n ** 20n,
    });
    expect(rest).toMatchObject({
      sender: accounts[3],
      nonce: 2n,
      to: proposer,
      type: 2,
      sizeBytes: raw.length,
    });
    const pooled = () => ({ cost: 10n ** 20n - cost + 1n, nextNonce: 2n });
    expect(await app.checkTransaction(raw, { pooled })).toMatchObject({
      ok: false,
      reason: 'insufficient_funds',
    });
    expect(await app.checkTransaction(raw, { pooled: () => ({ cost: 0n, nextNonce: 2n }) })).toMatchObject({
      ok: true,
    });
  });
});

describe('gas bombs', () => {
  test('one that was mined is traced by calls, by its first steps, and refused with what the limit is', async () => {
    const app = await openChain(createMemoryKvStore(), { callStepLimit: 1_000, traceStepLimit: 5_000 });
    const bomb = transaction(0, { nonce: 0, to: contracts.loops, gasLimit: 500_000 });
    const { results, blockHash } = await app.finalizeBlock({
      height: 1,
      timestampSec: startSec + 1,
      proposer,
      transactions: [bomb],
    });
    await app.commit(blockHash);
    const [{ hash } = { hash: '0x' as const }] = results;
    expect(results).toMatchObject([{ status: 0, gasUsed: 500_000n }]);
    expect(await app.traceTransaction(hash, { tracer: 'callTracer' })).toMatchObject({
      type: 'CALL',
      gasUsed: '0x7a120',
      error: 'out of gas',
    });
    const { structLogs } = (await app.traceTransaction(hash, { limit: 10 })) as StructLogTrace;
    expect(structLogs.map(({ op }) => op).slice(0, 4)).toEqual(['JUMPDEST', 'PUSH0', 'JUMP', 'JUMPDEST']);
    await expect(app.traceTransaction(hash)).rejects.toMatchObject({
      code: 'execution_limit',
      detail: expect.stringMatching(/^a trace tells at most 5000 steps/),
    });
  });

  test('a call that jumps for ever ends at its limit, and lets others have their turn', async () => {
    let turns = 0;
    const yieldTurn = async (): Promise<void> => {
      turns += 1;
    };
    const app = await openChain(createMemoryKvStore(), { callStepLimit: 20_000, yieldTurn });
    const bomb = { transaction: { to: contracts.loops } };
    await expect(app.call(bomb)).rejects.toMatchObject({ code: 'execution_limit' });
    expect(turns).toBeGreaterThan(3);
    await expect(app.estimateGas(bomb)).rejects.toMatchObject({ code: 'execution_limit' });
    await expect(app.traceCall(bomb)).rejects.toMatchObject({ code: 'execution_limit' });
    expect(await app.call({ transaction: { to: contracts.store } })).toMatchObject({ ok: true });
    expect(await app.call({ transaction: { to: contracts.loops, gas: 50_000n } })).toMatchObject({
      ok: false,
      failure: { reason: 'failed', message: 'out of gas', code: -32_000 },
    });
  });
});

test('the point evaluation precompile (EIP-4844) judges a proof', async () => {
  const app = await open();
  const infinity = Buffer.concat([Buffer.of(0xc0), Buffer.alloc(47)]);
  const versioned = createHash('sha256').update(infinity).digest();
  versioned[0] = 1;
  const input = (y: number): Uint8Array =>
    Uint8Array.from(
      Buffer.concat([
        versioned,
        Buffer.alloc(31),
        Buffer.of(5),
        Buffer.alloc(31),
        Buffer.of(y),
        infinity,
        infinity,
      ]),
    );
  const to = `0x${'0a'.padStart(40, '0')}` as const;
  // The polynomial that is zero everywhere is zero at 5, and not one.
  expect(await app.call({ transaction: { to, data: input(0) } })).toMatchObject({
    ok: true,
    gasUsed: 72_188n,
  });
  expect(await app.call({ transaction: { to, data: input(1), gas: 100_000n } })).toMatchObject({ ok: false });
});
