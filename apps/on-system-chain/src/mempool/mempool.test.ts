import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Account, Mempool, type MempoolLimits, refusals } from './mempool.ts';
import type { PoolTransaction } from './pool-transaction.ts';

const limits: MempoolLimits = {
  maxTransactions: 1_000,
  maxBytes: 1_000_000,
  maxPerSender: 100,
  maxQueuedPerSender: 10,
  maxQueued: 50,
  lifetimeMs: 1_000,
};
const rich: Account = { nonce: 0, balance: 10n ** 30n };
let made = 0;
const transaction = (fields: Partial<PoolTransaction> = {}): PoolTransaction => ({
  hash: `0x${(made++).toString(16)}`,
  bytes: new Uint8Array(100),
  sender: 'alice',
  nonce: 0,
  gasLimit: 21_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 10n,
  cost: 1n,
  arrivedAtMs: 0,
  ...fields,
});
const space = { baseFee: 0n, maxTransactions: 10_000, maxBytes: 10_000_000, maxGas: 10n ** 12n };
const hashes = (list: readonly PoolTransaction[]) => list.map(({ hash }) => hash);
const messageOf = (pool: Mempool, each: PoolTransaction, account = rich): string => {
  const admission = pool.add(each, account);
  return admission.ok ? 'ok' : admission.message;
};

describe('nonces', () => {
  test('what follows without a gap is pending, what is behind one is queued, until it is closed', () => {
    const pool = new Mempool(limits);
    const [zero, one, three] = [0, 1, 3].map((nonce) => transaction({ nonce })) as [
      PoolTransaction,
      PoolTransaction,
      PoolTransaction,
    ];
    expect(pool.add(three, rich)).toMatchObject({ ok: true, executable: false });
    expect(pool.add(one, rich)).toMatchObject({ ok: true, executable: false });
    expect([pool.pending, pool.queued]).toEqual([0, 2]);
    expect(pool.add(zero, rich)).toMatchObject({ ok: true, executable: true });
    expect([pool.pending, pool.queued, pool.nextNonce('alice')]).toEqual([2, 1, 2]);
    expect(hashes(pool.select(space))).toEqual(hashes([zero, one]));
  });

  test('a nonce below the account’s is too low, also by what blocks told', () => {
    const pool = new Mempool(limits);
    expect(messageOf(pool, transaction({ nonce: 4 }), { ...rich, nonce: 5 })).toBe(
      'nonce too low: next nonce 5, tx nonce 4',
    );
    pool.add(transaction({ nonce: 1 }), rich);
    pool.included('alice', 0);
    expect(messageOf(pool, transaction({ nonce: 0 }))).toBe('nonce too low: next nonce 1, tx nonce 0');
  });

  test('a block takes away what it holds, and what has the same nonce', () => {
    const pool = new Mempool(limits);
    for (const nonce of [0, 1, 2]) pool.add(transaction({ nonce }), rich);
    pool.included('alice', 1);
    expect([pool.pending, pool.queued, pool.nextNonce('alice')]).toEqual([1, 0, 3]);
    pool.included('alice', 2);
    expect([pool.pending, pool.nextNonce('alice')]).toEqual([0, undefined]);
  });
});

describe('replacement', () => {
  const old = { nonce: 0, maxFeePerGas: 1000n, maxPriorityFeePerGas: 100n };
  test.each([
    [1100n, 110n, 'ok'],
    [1099n, 110n, refusals.replacement],
    [1100n, 109n, refusals.replacement],
    [1000n, 100n, refusals.replacement],
    [5000n, 100n, refusals.replacement],
  ])('fee %d and tip %d against 1000 and 100: %s', (maxFeePerGas, maxPriorityFeePerGas, expected) => {
    const pool = new Mempool(limits);
    const first = transaction(old);
    pool.add(first, rich);
    const second = transaction({ maxFeePerGas, maxPriorityFeePerGas });
    expect(messageOf(pool, second)).toBe(expected);
    expect(hashes(pool.select(space))).toEqual(hashes([expected === 'ok' ? second : first]));
    expect(pool.pending).toBe(1);
  });

  test('the same one is known', () => {
    const pool = new Mempool(limits);
    const each = transaction();
    pool.add(each, rich);
    expect(messageOf(pool, each)).toBe(refusals.known);
  });

  test('a replacement counts instead of the old one against the balance', () => {
    const pool = new Mempool(limits);
    const account = { nonce: 0, balance: 100n };
    pool.add(transaction({ ...old, cost: 60n }), account);
    expect(messageOf(pool, transaction({ nonce: 1, cost: 41n }), account)).toMatch(/^insufficient funds/);
    expect(
      messageOf(pool, transaction({ maxFeePerGas: 1100n, maxPriorityFeePerGas: 110n, cost: 90n }), account),
    ).toBe('ok');
  });
});

describe('bounds', () => {
  test('full, the cheapest gives way to one that pays more; among equals the newest', () => {
    const pool = new Mempool({ ...limits, maxTransactions: 3 });
    const [cheap, cheapToo, dear] = [50n, 50n, 70n].map((maxFeePerGas, at) =>
      transaction({ sender: `sender${at}`, maxFeePerGas }),
    ) as [PoolTransaction, PoolTransaction, PoolTransaction];
    for (const each of [cheap, cheapToo, dear]) pool.add(each, rich);
    expect(messageOf(pool, transaction({ sender: 'd', maxFeePerGas: 50n }))).toBe(refusals.underpriced);
    const admission = pool.add(transaction({ sender: 'e', maxFeePerGas: 51n }), rich);
    expect(admission).toMatchObject({ ok: true, gone: [{ hash: cheapToo.hash }] });
    expect([pool.pending, pool.get(cheapToo.hash)]).toEqual([3, undefined]);
  });

  test('large ones push out as many as they need, or none', () => {
    const pool = new Mempool({ ...limits, maxBytes: 300 });
    const small = [10n, 20n, 90n].map((maxFeePerGas, at) =>
      transaction({ sender: `sender${at}`, maxFeePerGas }),
    );
    for (const each of small) pool.add(each, rich);
    const bytes = new Uint8Array(250);
    expect(messageOf(pool, transaction({ bytes, sender: 'large', maxFeePerGas: 80n }))).toBe(
      refusals.underpriced,
    );
    expect([pool.pending, pool.sizeBytes]).toEqual([3, 300]);
    expect(
      messageOf(pool, transaction({ bytes: new Uint8Array(200), sender: 'large', maxFeePerGas: 80n })),
    ).toBe('ok');
    expect([pool.pending, pool.sizeBytes]).toEqual([2, 300]);
    expect(messageOf(pool, transaction({ bytes, sender: 'larger', maxFeePerGas: 91n }))).toBe('ok');
    expect([pool.pending, pool.sizeBytes]).toEqual([1, 250]);
  });

  test('a queued one never pushes out a pending one', () => {
    const pool = new Mempool({ ...limits, maxTransactions: 1 });
    pool.add(transaction({ maxFeePerGas: 1n }), rich);
    expect(messageOf(pool, transaction({ sender: 'bob', nonce: 7, maxFeePerGas: 9n }))).toBe(
      refusals.futureReplaces,
    );
  });

  test('of one sender, and behind gaps, only so many', () => {
    const pool = new Mempool({ ...limits, maxPerSender: 3, maxQueuedPerSender: 2, maxQueued: 3 });
    for (const nonce of [5, 6]) expect(messageOf(pool, transaction({ nonce }))).toBe('ok');
    expect(messageOf(pool, transaction({ nonce: 7 }))).toBe(refusals.senderFull);
    expect(messageOf(pool, transaction({ nonce: 0 }))).toBe('ok');
    expect(messageOf(pool, transaction({ nonce: 1 }))).toBe(refusals.senderFull);
    expect(messageOf(pool, transaction({ sender: 'bob', nonce: 5 }))).toBe('ok');
    expect(messageOf(pool, transaction({ sender: 'carol', nonce: 5 }))).toBe(refusals.queueFull);
  });

  test('what waited for its lifetime goes, and what is behind it waits on as queued', () => {
    const pool = new Mempool(limits);
    const old = transaction({ nonce: 0, arrivedAtMs: 0 });
    pool.add(old, rich);
    pool.add(transaction({ nonce: 1, arrivedAtMs: 500 }), rich);
    expect(hashes(pool.expire(1_000))).toEqual([old.hash]);
    expect([pool.pending, pool.queued]).toEqual([0, 1]);
    expect(pool.expire(1_499)).toEqual([]);
    expect(pool.expire(1_500)).toHaveLength(1);
  });
});

describe('order of a block', () => {
  test('by tip, then by arrival, each sender’s by nonce', () => {
    const pool = new Mempool(limits);
    const a0 = transaction({ sender: 'a', nonce: 0, maxPriorityFeePerGas: 1n });
    const a1 = transaction({ sender: 'a', nonce: 1, maxPriorityFeePerGas: 50n });
    const b0 = transaction({ sender: 'b', nonce: 0, maxPriorityFeePerGas: 5n });
    const c0 = transaction({ sender: 'c', nonce: 0, maxPriorityFeePerGas: 5n });
    for (const each of [a1, a0, b0, c0]) pool.add(each, rich);
    expect(hashes(pool.select(space))).toEqual(hashes([b0, c0, a0, a1]));
  });

  test('the base fee lowers a tip, and keeps out whom it is too high for, with all behind it', () => {
    const pool = new Mempool(limits);
    const a0 = transaction({ sender: 'a', nonce: 0, maxFeePerGas: 89n });
    const a1 = transaction({ sender: 'a', nonce: 1, maxFeePerGas: 200n });
    const b0 = transaction({ sender: 'b', nonce: 0, maxFeePerGas: 91n, maxPriorityFeePerGas: 50n });
    const c0 = transaction({ sender: 'c', nonce: 0, maxFeePerGas: 100n, maxPriorityFeePerGas: 5n });
    for (const each of [a0, a1, b0, c0]) pool.add(each, rich);
    expect(hashes(pool.select({ ...space, baseFee: 90n }))).toEqual(hashes([c0, b0]));
    expect([pool.hasWork(90n), pool.hasWork(101n)]).toEqual([true, false]);
  });

  test('stops at count, bytes and gas', () => {
    const pool = new Mempool(limits);
    for (let at = 0; at < 10; at++) pool.add(transaction({ sender: `sender${at}` }), rich);
    expect(pool.select({ ...space, maxTransactions: 3 })).toHaveLength(3);
    expect(pool.select({ ...space, maxBytes: 450 })).toHaveLength(4);
    expect(pool.select({ ...space, maxGas: 21_000n * 5n })).toHaveLength(5);
  });
});

/** What anybody may do to a mempool. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        sender: fc.constantFrom('a', 'b', 'c'),
        nonce: fc.nat(8),
        fee: fc.integer({ min: 1, max: 40 }),
        tip: fc.integer({ min: 0, max: 10 }),
        accountNonce: fc.nat(2),
        sizeBytes: fc.integer({ min: 50, max: 400 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('included' as const),
        sender: fc.constantFrom('a', 'b', 'c'),
        nonce: fc.nat(8),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), at: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('expire' as const), nowMs: fc.nat(2_000) }) },
  ),
  { maxLength: 80 },
);
const tight: MempoolLimits = {
  ...limits,
  maxTransactions: 8,
  maxBytes: 700,
  maxPerSender: 5,
  maxQueued: 5,
  maxQueuedPerSender: 3,
};

function play(list: typeof steps extends fc.Arbitrary<infer T> ? T : never, judge: (pool: Mempool) => void) {
  const pool = new Mempool(tight);
  for (const [at, step] of list.entries()) {
    if (step.kind === 'add')
      pool.add(
        {
          ...transaction(),
          hash: `0x${at}`,
          bytes: new Uint8Array(step.sizeBytes),
          sender: step.sender,
          nonce: step.nonce,
          maxFeePerGas: BigInt(step.fee),
          maxPriorityFeePerGas: BigInt(Math.min(step.tip, step.fee)),
          arrivedAtMs: at * 20,
        },
        { nonce: step.accountNonce, balance: 40n },
      );
    if (step.kind === 'included') pool.included(step.sender, step.nonce);
    if (step.kind === 'remove') pool.remove(`0x${step.at}`);
    if (step.kind === 'expire') pool.expire(step.nowMs);
    judge(pool);
  }
  return pool;
}

describe('whatever happens', () => {
  test('counts, bounds and contents agree; a block’s transactions can be executed in their order', () => {
    fc.assert(
      fc.property(steps, fc.nat(30), (list, baseFee) => {
        play(list, (pool) => {
          const all = [...pool.all()];
          const bySender = [...pool.bySender()];
          const pending = bySender.flatMap((each) => each.pending);
          const queued = bySender.flatMap((each) => each.queued);
          expect([pool.pending, pool.queued]).toEqual([pending.length, queued.length]);
          expect(new Set(hashes([...pending, ...queued]))).toEqual(new Set(hashes(all)));
          expect(all.length).toBeLessThanOrEqual(tight.maxTransactions);
          expect(pool.sizeBytes).toBe(all.reduce((sum, { bytes }) => sum + bytes.length, 0));
          expect(pool.sizeBytes).toBeLessThanOrEqual(tight.maxBytes);
          for (const each of bySender) {
            const size = each.pending.length + each.queued.length;
            expect(size).toBeGreaterThan(0);
            expect(size).toBeLessThanOrEqual(tight.maxPerSender);
            for (const [at, one] of each.pending.entries())
              expect(one.nonce).toBe((each.pending[0]?.nonce ?? 0) + at);
          }
          const block = pool.select({ ...space, baseFee: BigInt(baseFee) });
          const next = new Map(bySender.map(({ sender, pending: [first] }) => [sender, first?.nonce]));
          for (const each of block) {
            expect(each.nonce).toBe(next.get(each.sender));
            next.set(each.sender, each.nonce + 1);
            expect(each.maxFeePerGas >= BigInt(baseFee)).toBe(true);
          }
          expect(pool.hasWork(BigInt(baseFee))).toBe(block.length > 0);
        });
      }),
    );
  });

  test('the same steps give the same contents and the same block', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const [one, other] = [play(list, () => {}), play(list, () => {})];
        expect(hashes([...one.all()])).toEqual(hashes([...other.all()]));
        expect(hashes(one.select(space))).toEqual(hashes(other.select(space)));
      }),
    );
  });
});
