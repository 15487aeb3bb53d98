/** Traces and words of ends, as go-ethereum 1.17 tells them; where they were found to differ, among generated transactions. */
import { expect, test } from '@jest/globals';
import { createMemoryKvStore } from '@lucid/kv-store';
import type { CallFrame, Hex, StructLogTrace } from '../src/index.ts';
import { accounts, openChain } from './test-chain.ts';

/** Code that is executed as a creation by an account with means. */
const creation = (data: Hex) => ({
  transaction: {
    from: accounts[0]!,
    data: Uint8Array.from(Buffer.from(data.slice(2), 'hex')),
    gas: 200_000n,
  },
});
const open = () => openChain(createMemoryKvStore());

async function stepsOf(code: Hex): Promise<StructLogTrace['structLogs']> {
  return ((await (await open()).traceCall(creation(code))) as StructLogTrace).structLogs;
}

test('behind the last byte stands a STOP', async () => {
  const steps = await stepsOf('0x6001');
  expect(steps.at(-1)).toMatchObject({ pc: 2, op: 'STOP', gasCost: 0, stack: ['0x1'], depth: 1 });
  for (const code of ['0x600100', '0x5f5ff3', '0x33ff'] as const)
    expect((await stepsOf(code)).filter(({ op }) => op === 'STOP')).toHaveLength(code === '0x600100' ? 1 : 0);
});

test('what is no instruction is told by its number', async () => {
  expect((await stepsOf('0x0c')).map(({ op }) => op)).toEqual(['opcode 0xc not defined']);
  expect((await stepsOf('0xfe')).map(({ op }) => op)).toEqual(['INVALID']);
});

test('a creation whose code cannot be paid did not fail in its last step', async () => {
  // Returns 1,000 bytes, which cost 200,000.
  const steps = await stepsOf('0x6103e85ff3');
  expect(steps.at(-1)).toMatchObject({ op: 'RETURN' });
  expect(steps.at(-1)).not.toHaveProperty('error');
});

test('calls and creations that there is no balance for are told, with what they would have had', async () => {
  // call(5000, 0x42, value 1, in 0..3), then create(value 1, no code), then it ends.
  const code = '0x5f5f60035f60016042611388f1505f5f6001f000';
  const { calls } = (await (await open()).traceCall(creation(code), { tracer: 'callTracer' })) as CallFrame;
  const unmade = { value: '0x1', gasUsed: '0x0', error: 'insufficient balance for transfer' };
  const to = `0x${'42'.padStart(40, '0')}`;
  // 5,000 and the stipend of 2,300.
  expect(calls).toEqual([
    { ...unmade, type: 'CALL', from: calls![0]!.from, to, gas: '0x1c84', input: '0x000000' },
    { ...unmade, type: 'CREATE', from: calls![0]!.from, gas: calls![1]!.gas, input: '0x' },
  ]);
});

test('who could not pay for his end is not told to have come to it', async () => {
  const app = await open();
  const deaths = async (gas: bigint) => {
    // Balance to an account that there is none of: 30,000 gas.
    const { transaction } = creation('0x6042ff');
    const told = await app.traceCall(
      { transaction: { ...transaction, value: 1n, gas: 53_100n + gas } },
      { tracer: 'callTracer' },
    );
    return ((told as CallFrame).calls ?? []).map(({ type }) => type);
  };
  expect(await deaths(20_000n)).toEqual([]);
  expect(await deaths(60_000n)).toEqual(['SELFDESTRUCT']);
});

test('a panic is told in words', async () => {
  const app = await open();
  const panicOf = async (code: string) => {
    // mstore(0, selector << 224), mstore(4, code), revert(0, 36)
    const reverts: Hex = `0x7f4e487b71${'0'.repeat(56)}5f5260${code}60045260245ffd`;
    const result = await app.call(creation(reverts));
    return result.ok ? 'ok' : result.failure.message;
  };
  expect(await panicOf('11')).toBe('execution reverted: arithmetic underflow or overflow');
  expect(await panicOf('99')).toBe('execution reverted: unknown panic code: 0x99');
});

test('a precompile that refuses its input fails, and hands nothing back', async () => {
  const app = await open();
  const transaction = {
    to: `0x${'07'.padStart(40, '0')}` as const,
    data: Uint8Array.of(0xc3, 0x51, 0x31),
    gas: 100_000n,
  };
  expect(await app.call({ transaction })).toMatchObject({
    ok: false,
    failure: { reason: 'failed', code: -32_000, message: 'precompile failed' },
  });
});
