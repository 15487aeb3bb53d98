/**
 * What several transactions of one account would do one after the other, by one `eth_call` that changes nothing.
 *
 * For that call the account has code and the nonce that its first transaction would have. The code creates and calls what the
 * transactions would, so contracts get the very addresses that they would get, see the account as their caller, and see what was done before
 * them. A creation counts the account's nonce up by itself; after a call an empty creation does. Of each step it writes down
 *
 *     32 bytes  1 where it succeeded        32 bytes  gas, of the operation alone
 *     32 bytes  size of what came back      …         what came back
 *
 * and hands all that back; it ends behind the first step that fails.
 *
 * Not as in a transaction: `tx.origin` is the zero address, the caller has code, and storage that an earlier step touched is warm, so gas is
 * an estimate.
 */
import { type Hex, hexToBytes, toHex } from 'viem';
import type { ChainRpc } from './json-rpc.ts';

export type SimulatedTransaction =
  | { readonly kind: 'create'; readonly data: Hex; readonly value: bigint }
  | { readonly kind: 'call'; readonly to: Hex; readonly data: Hex; readonly value: bigint }
  /** A call that may change nothing and is no transaction. */
  | { readonly kind: 'read'; readonly to: Hex; readonly data: Hex };

export interface SimulatedResult {
  readonly ok: boolean;
  /** Of the whole transaction; 0 for reads. */
  readonly gas: bigint;
  /** What the call answered, or what was reverted with. */
  readonly data: Hex;
}

const OP = {
  sub: '03',
  add: '01',
  iszero: '15',
  calldatacopy: '37',
  returndatasize: '3d',
  returndatacopy: '3e',
  pop: '50',
  mload: '51',
  mstore: '52',
  jumpi: '57',
  gas: '5a',
  jumpdest: '5b',
  dup1: '80',
  swap1: '90',
  swap2: '91',
  create: 'f0',
  call: 'f1',
  return: 'f3',
  staticcall: 'fa',
} as const;

const WORD = 32;
/** Where in memory the end of what is written down stands, and where a step's bytes are put. */
const END_AT = 0;
const BYTES_AT = WORD;

/** PUSH1 … PUSH32 of a whole number. */
function push(value: bigint | number): string {
  const digits = BigInt(value).toString(16);
  const bytes = digits.length % 2 === 0 ? digits : `0${digits}`;
  return (0x5f + bytes.length / 2).toString(16) + bytes;
}

/** PUSH2, so that its size is known before its value. */
const pushPlace = (place: number): string => `61${place.toString(16).padStart(4, '0')}`;

const sizeOf = (data: Hex): number => (data.length - 2) / 2;

function operationOf(step: SimulatedTransaction): string {
  const size = push(sizeOf(step.data));
  if (step.kind === 'create') return size + push(BYTES_AT) + push(step.value) + OP.create;
  const answer = push(0) + push(0);
  if (step.kind === 'read')
    return answer + size + push(BYTES_AT) + push(BigInt(step.to)) + OP.gas + OP.staticcall;
  return answer + size + push(BYTES_AT) + push(step.value) + push(BigInt(step.to)) + OP.gas + OP.call;
}

/** Stack before: gas before, success, gas after (the top); behind it: success. */
const writeDown =
  OP.swap1 + // gas before, gas after, success
  OP.swap2 + // success, gas after, gas before
  OP.sub + // success, gas
  push(END_AT) +
  OP.mload +
  push(WORD) +
  OP.add +
  OP.mstore + // success
  OP.dup1 +
  OP.iszero +
  OP.iszero +
  push(END_AT) +
  OP.mload +
  OP.mstore +
  OP.returndatasize +
  push(END_AT) +
  OP.mload +
  push(2 * WORD) +
  OP.add +
  OP.mstore +
  OP.returndatasize +
  push(0) +
  push(END_AT) +
  OP.mload +
  push(3 * WORD) +
  OP.add +
  OP.returndatacopy +
  OP.returndatasize +
  push(3 * WORD) +
  OP.add +
  push(END_AT) +
  OP.mload +
  OP.add +
  push(END_AT) +
  OP.mstore;

const countNonceUp = push(0) + push(0) + push(0) + OP.create + OP.pop;

/** Code of the account; its input is the bytes of all steps. */
export function simulationCode(steps: readonly SimulatedTransaction[]): Hex {
  const largest = Math.max(...steps.map(({ data }) => sizeOf(data)));
  const firstRecord = BYTES_AT + WORD * Math.ceil(largest / WORD);
  let offset = 0;
  const parts = steps.map((step) => {
    const copied = push(sizeOf(step.data)) + push(offset) + push(BYTES_AT) + OP.calldatacopy;
    offset += sizeOf(step.data);
    return (
      copied + OP.gas + operationOf(step) + OP.gas + writeDown + (step.kind === 'call' ? countNonceUp : '')
    );
  });
  const begin = push(firstRecord) + push(END_AT) + OP.mstore;
  const jumpSize = sizeOf(`0x${OP.iszero}${pushPlace(0)}${OP.jumpi}`);
  const end = sizeOf(`0x${begin}${parts.join('')}`) + steps.length * jumpSize;
  const jump = OP.iszero + pushPlace(end) + OP.jumpi;
  const answer =
    OP.jumpdest + push(firstRecord) + push(END_AT) + OP.mload + OP.sub + push(firstRecord) + OP.return;
  return `0x${begin}${parts.map((part) => part + jump).join('')}${answer}`;
}

const TRANSACTION_GAS = 21_000n;

/** What every transaction costs, besides what it executes (EIP-2028). Of a creation, 32,000 and its code's words are the operation's. */
function intrinsicGas(data: Hex): bigint {
  const bytes = hexToBytes(data);
  const zeros = bytes.filter((byte) => byte === 0).length;
  return TRANSACTION_GAS + BigInt(zeros) * 4n + BigInt(bytes.length - zeros) * 16n;
}

function readRecords(answer: Hex, steps: readonly SimulatedTransaction[]): SimulatedResult[] {
  const wordAt = (byte: number): bigint =>
    BigInt(`0x${answer.slice(2 + 2 * byte, 2 + 2 * (byte + WORD)) || '0'}`);
  const results: SimulatedResult[] = [];
  for (let at = 0; at < sizeOf(answer); ) {
    const step = steps[results.length];
    if (!step) break;
    const size = Number(wordAt(at + 2 * WORD));
    const from = at + 3 * WORD;
    const data: Hex = `0x${answer.slice(2 + 2 * from, 2 + 2 * (from + size))}`;
    const gas = step.kind === 'read' ? 0n : wordAt(at + WORD) + intrinsicGas(step.data);
    results.push({ ok: wordAt(at) === 1n, gas, data });
    at = from + size;
  }
  return results;
}

/** Results of the steps up to the first that fails. Rejects with `RpcFault` where all together take more than a call may. */
export async function simulate(
  rpc: ChainRpc,
  { from, nonce }: { from: Hex; nonce: number },
  steps: readonly SimulatedTransaction[],
): Promise<readonly SimulatedResult[]> {
  const data: Hex = `0x${steps.map((step) => step.data.slice(2)).join('')}`;
  const overrides = { [from]: { code: simulationCode(steps), nonce: toHex(nonce) } };
  return readRecords(await rpc.callWith({ to: from, data }, overrides), steps);
}
