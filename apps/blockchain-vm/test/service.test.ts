import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { encodeProposal, encodeTransactions } from '@lucid/chain-wire';
import { createMemoryKvStore, KvError, type KvStore } from '@lucid/kv-store';
import { ProblemError } from '@lucid/service-kit';
import { account, START_SEC, signed, stranger, VmStack } from './vm-stack.ts';

/** Hands back the first word of what it is called with; reverts with it where its first byte is zero. */
const ECHO_RUNTIME = '5f35805f1a600e575f5260205ffd5b5f5260205ff3';
const ECHO_INIT = `0x6015600c60003960156000f3${ECHO_RUNTIME}` as const;
const word = (hex: string): string => `0x${hex.padEnd(64, '0')}`;

let stack: VmStack;
beforeEach(async () => {
  stack = new VmStack();
  await stack.start();
});
afterEach(() => stack.dispose());

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no problem',
    (error: unknown) => (error instanceof ProblemError ? error.code : `${error}`),
  );

const balanceOf = async (address: string, block?: number): Promise<bigint> =>
  BigInt(
    (await stack.vm.getAccount({ params: { address }, query: block === undefined ? {} : { block } })).balance,
  );

describe('blocks', () => {
  test('one is executed, committed, and its state is asked for, then and later', async () => {
    const block = await stack.make(1, [
      signed(0, { to: stranger, value: 5n }),
      signed(1, { to: stranger, value: 6n }),
    ]);
    expect(block.receipts).toHaveLength(2);
    expect(block.senders.map((each) => Buffer.from(each).toString('hex'))).toEqual([
      account.slice(2),
      account.slice(2),
    ]);
    expect(await balanceOf(stranger)).toBe(11n);
    expect(await balanceOf(stranger, 0)).toBe(0n);
    await stack.restart();
    expect(await stack.vm.getStatus()).toMatchObject({ height: 1, chainId: 1337, pending: null });
    expect(await balanceOf(stranger)).toBe(11n);
  });

  test('what cannot be executed is left out, and why', async () => {
    const block = await stack.finalize(1, [signed(0), signed(0), signed(5)]);
    expect(block.receipts).toHaveLength(1);
    expect(block.leftOut.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/nonce too low/),
      expect.stringMatching(/nonce too high/),
    ]);
  });

  test('a block is known by height and hash until it is committed, and committing repeats', async () => {
    await stack.finalize(1, [signed(0)]);
    const { pending } = await stack.vm.getStatus();
    const commit = (height: number, blockHash: string) =>
      stack.vm.commitBlock({ params: { height }, body: { blockHash } });
    expect(await codeOf(commit(1, word('ab')))).toBe('block_not_executed');
    const head = await commit(1, pending?.blockHash as string);
    expect(await commit(1, pending?.blockHash as string)).toEqual(head);
    expect(await codeOf(stack.finalize(1, []))).toBe('block_out_of_order');
    expect(await codeOf(stack.finalize(3, []))).toBe('block_out_of_order');
  });

  test('executing again forgets what was executed before', async () => {
    await stack.finalize(1, [signed(0, { to: stranger, value: 1n })]);
    await stack.make(1, [signed(0, { to: stranger, value: 2n })]);
    expect(await balanceOf(stranger)).toBe(2n);
  });

  test('another vm takes the block whole, and refuses one that lies', async () => {
    const made = await stack.make(1, [signed(0, { to: stranger, value: 5n })]);
    const { stateRoot } = await stack.vm.getStatus();
    const other = new VmStack();
    await other.start();
    try {
      const lie = Buffer.from(made.block);
      lie.writeUInt8((lie.at(-1) as number) ^ 1, lie.length - 1);
      const take = (block: Uint8Array) => other.vm.importBlock({ params: { height: 1 }, body: block });
      expect(await codeOf(take(lie))).toMatch(/block_invalid/);
      await take(made.block);
      expect((await other.vm.getStatus()).pending).toMatchObject({ height: 1, stateRoot });
    } finally {
      await other.dispose();
    }
  });

  test('bytes that are no proposal, a time before the parent', async () => {
    const propose = (body: Uint8Array) => stack.vm.finalizeBlock({ params: { height: 1 }, body });
    expect(await codeOf(propose(Uint8Array.of(1, 2, 3)))).toBe('invalid_request');
    const early = {
      timestampSec: START_SEC,
      proposer: new Uint8Array(20),
      extraData: new Uint8Array(0),
      transactions: [],
    };
    expect(await codeOf(propose(encodeProposal(early)))).toBe('block_invalid');
  });
});

describe('a store that fails or is slow', () => {
  /** Over a store in memory that outlives its closing. */
  async function restartOver(batch: (write: () => Promise<void>) => Promise<void>) {
    const kv = createMemoryKvStore();
    const open = async (): Promise<KvStore> => ({
      ...kv,
      batch: (operations, options) => batch(() => kv.batch(operations, options)),
      close: async () => {},
    });
    await stack.restart(open);
  }
  const commitPending = async () => {
    const { pending } = await stack.vm.getStatus();
    return stack.vm.commitBlock({ params: { height: 1 }, body: { blockHash: pending?.blockHash as string } });
  };

  test('a block that is asked for while its like is committed waits its turn, and nothing falls', async () => {
    let release = (): void => {};
    let gate = Promise.resolve();
    await restartOver((write) => gate.then(write));
    await stack.finalize(1, [signed(0)]);
    gate = new Promise((resolve) => {
      release = resolve;
    });
    const unheard: unknown[] = [];
    const note = (error: unknown) => unheard.push(error);
    process.on('unhandledRejection', note);
    try {
      const committing = commitPending();
      await stack.vm.getStatus();
      expect(await codeOf(stack.finalize(1, []))).toBe('block_out_of_order');
      release();
      expect(await committing).toMatchObject({ height: 1 });
      await new Promise((resolve) => setImmediate(resolve));
      expect(unheard).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  test('is opened anew after two seconds, or at once where the clock was set back', async () => {
    let fails = false;
    await restartOver((write) => (fails ? Promise.reject(new KvError('kv_io')) : write()));
    const failOnce = async () => {
      await stack.finalize(1, [signed(0)]);
      fails = true;
      expect(await codeOf(commitPending())).toBe('vm_unavailable');
      fails = false;
    };
    await failOnce();
    expect(await codeOf(stack.vm.getStatus())).toBe('vm_unavailable');
    await stack.clock.advance(2_000);
    expect(await stack.vm.getStatus()).toMatchObject({ height: 0, pending: null });
    await failOnce();
    expect(await codeOf(stack.vm.getStatus())).toBe('vm_unavailable');
    await stack.clock.advance(-3_600_000);
    expect(await stack.vm.getStatus()).toMatchObject({ height: 0, pending: null });
  });
});

describe('transactions', () => {
  test('are judged alone, in their order, in the words of geth', async () => {
    const check = (...transactions: Uint8Array[]) =>
      stack.vm.checkTransactions({ body: encodeTransactions(transactions) });
    const { results } = await check(
      signed(0, { to: stranger, value: 1n }),
      Uint8Array.of(1, 2, 3),
      signed(0, { gasLimit: 20_000n }),
      signed(0, { value: 10n ** 30n, to: stranger }),
    );
    expect(results).toMatchObject([
      { ok: true, sender: account, nonce: '0x0', accountNonce: '0x0', gasLimit: '0x186a0' },
      { ok: false },
      { ok: false, code: -32000, message: expect.stringMatching(/intrinsic gas too low/) },
      { ok: false, code: -32000, message: expect.stringMatching(/insufficient funds/) },
    ]);
  });
});

describe('executions that are forgotten', () => {
  let echo: string;
  beforeEach(async () => {
    const tried = await stack.vm.deploy({ body: { transaction: { from: account, input: ECHO_INIT } } });
    if (!tried.ok) throw new Error(tried.failure.message);
    echo = tried.address;
    expect(tried.code).toBe(`0x${ECHO_RUNTIME}`);
    await stack.make(1, [signed(0, { data: ECHO_INIT })]);
    expect(await stack.vm.getCode({ params: { address: echo }, query: {} })).toEqual({ code: tried.code });
  });
  const call = (input: string) => stack.vm.call({ body: { transaction: { to: echo, input } } });

  test('calls answer, revert with data, and do not run for ever', async () => {
    expect(await call(word('ff'))).toMatchObject({ ok: true, data: word('ff') });
    expect(await call(word('00ab'))).toMatchObject({
      ok: false,
      failure: { reason: 'reverted', message: 'execution reverted', data: word('00ab') },
    });
    const forEver = { [stranger]: { code: '0x5b5f56' } };
    expect(
      await codeOf(stack.vm.call({ body: { transaction: { to: stranger }, stateOverrides: forEver } })),
    ).toBe('execution_limit');
  });

  test('blocks of calls are simulated, refused, or end after so many steps', async () => {
    const reverts = { [stranger]: { code: '0x5f5ffd' } };
    const calls = [{ from: account, to: stranger, value: '0x1' }];
    const made = await stack.vm.simulate({
      body: { blocks: [{ calls }, { stateOverrides: reverts, calls }], traceTransfers: true },
    });
    expect(made).toMatchObject({
      ok: true,
      blocks: [
        { senders: [account], calls: [{ status: 1, gasUsed: '0x5208', logs: [{ index: 0 }] }] },
        { senders: [account], calls: [{ status: 0, returnData: '0x', error: { code: 3, data: '0x' } }] },
      ],
    });
    expect(await balanceOf(stranger)).toBe(0n);
    expect(await stack.vm.simulate({ body: { blocks: [] } })).toEqual({
      ok: false,
      failure: { code: -32_602, message: 'empty input' },
    });
    const forEver = { stateOverrides: { [stranger]: { code: '0x5b5f56' } }, calls: [{ to: stranger }] };
    expect(await codeOf(stack.vm.simulate({ body: { blocks: [forEver] } }))).toBe('execution_limit');
    expect(await codeOf(stack.vm.simulate({ body: { block: 9, blocks: [{}] } }))).toBe('state_unknown');
  });

  test('gas is estimated; block and state may be other ones for a call', async () => {
    const estimate = await stack.vm.estimateGas({ body: { transaction: { to: stranger, value: '0x0' } } });
    expect(estimate).toEqual({ ok: true, gas: '0x5208' });
    // NUMBER, stored and returned.
    const overrides = { [stranger]: { code: '0x435f5260205ff3' } };
    const body = {
      transaction: { to: stranger },
      stateOverrides: overrides,
      blockOverrides: { number: '0x2a' },
    };
    expect(await stack.vm.call({ body })).toMatchObject({ ok: true, data: `0x${'2a'.padStart(64, '0')}` });
  });

  test('traces and access lists', async () => {
    const { accessList } = await stack.vm.createAccessList({
      body: { transaction: { from: account, to: echo, input: word('ff') } },
    });
    expect(accessList).toEqual([]);
    const [traced] = await stack.vm.traceBlock({ params: { height: 1 }, body: { tracer: 'callTracer' } });
    expect(traced?.result).toMatchObject({ type: 'CREATE', from: account, to: echo });
    const transaction = traced?.txHash as string;
    expect(await stack.vm.traceTransaction({ params: { transaction }, body: {} })).toMatchObject({
      failed: false,
      structLogs: expect.arrayContaining([expect.objectContaining({ op: 'RETURN' })]),
    });
    const unknown = stack.vm.traceTransaction({ params: { transaction: word('ab') }, body: {} });
    expect(await codeOf(unknown)).toBe('transaction_unknown');
  });

  test('proofs name the root of the head; a block that is not there has no state', async () => {
    const proof = await stack.vm.getProof({ params: { address: echo }, body: { slots: ['0x0'] } });
    expect(proof).toMatchObject({
      address: echo,
      nonce: '0x1',
      storageProof: [{ key: '0x0', value: '0x0' }],
    });
    expect(proof.accountProof.length).toBeGreaterThan(0);
    expect(await codeOf(stack.vm.getAccount({ params: { address: echo }, query: { block: 9 } }))).toBe(
      'state_unknown',
    );
    expect(await stack.vm.getStorage({ params: { address: echo }, query: { slot: '0x0' } })).toEqual({
      value: word(''),
    });
  });
});

describe('upkeep', () => {
  test('a snapshot is kept and handed out in chunks', async () => {
    await stack.make(1, [signed(0, { to: stranger, value: 1n })]);
    const made = await stack.operator.createSnapshot();
    expect(made).toMatchObject({ height: 1, chunks: expect.arrayContaining([expect.any(String)]) });
    expect(await stack.operator.listSnapshots()).toEqual({ snapshots: [made] });
    const chunk = await stack.operator.getSnapshotChunk({ params: { height: 1, chunk: 0 } });
    expect(chunk.length).toBeGreaterThan(0);
    expect(await codeOf(stack.operator.getSnapshotChunk({ params: { height: 1, chunk: 99 } }))).toBe(
      'snapshot_unknown',
    );
  });

  test('the check finds nothing wrong in a sound state, and pruning keeps the newest', async () => {
    for (let height = 1; height <= 4; height += 1)
      await stack.make(height, [signed(height - 1, { to: stranger, value: 1n })]);
    expect(await stack.operator.checkState()).toMatchObject({ faults: [] });
    const { oldestHeight } = await stack.operator.pruneState({ body: { keepBlocks: 2 } });
    expect(oldestHeight).toBe(3);
    expect(await balanceOf(stranger)).toBe(4n);
    expect(await codeOf(balanceOf(stranger, 1))).toBe('state_unknown');
    expect(await stack.operator.checkState()).toMatchObject({ faults: [] });
  });
});
