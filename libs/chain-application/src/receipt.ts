/** Receipts: their consensus encoding, and what JSON-RPC tells beside it. */

import { EVMError } from '@ethereumjs/evm';
import { generateAddress } from '@ethereumjs/util';
import { encodeRlp } from '@lucid/eth-proof';
import type { ChainLog, TransactionResult } from './application.ts';
import { bigIntToBytes, bytesToHex } from './values.ts';

/** Address, topics, data: as the EVM gives logs and as receipts encode them. */
export type RawLog = readonly [address: Uint8Array, topics: readonly Uint8Array[], data: Uint8Array];

export interface ReceiptBody {
  readonly type: number;
  /** A number since Byzantium, the state root (32 bytes) before. */
  readonly outcome: 0 | 1 | Uint8Array;
  readonly cumulativeGasUsed: bigint;
  readonly bloom: Uint8Array;
  readonly logs: readonly RawLog[];
}

const noBytes = new Uint8Array(0);
const one = Uint8Array.of(1);

export function encodeReceipt(receipt: ReceiptBody): Uint8Array {
  const { outcome } = receipt;
  const first = outcome instanceof Uint8Array ? outcome : outcome === 1 ? one : noBytes;
  const body = encodeRlp([first, bigIntToBytes(receipt.cumulativeGasUsed), receipt.bloom, receipt.logs]);
  if (receipt.type === 0) return body;
  const typed = new Uint8Array(1 + body.length);
  typed[0] = receipt.type;
  typed.set(body, 1);
  return typed;
}

export const describeLogs = (logs: readonly RawLog[]): ChainLog[] =>
  logs.map(([address, topics, data]) => ({
    address: bytesToHex(address),
    topics: topics.map(bytesToHex),
    data: bytesToHex(data),
  }));

const { errorMessages } = EVMError;

/** geth's words (core/vm/errors.go) for what ethereumjs calls the ends of an execution. */
const wordsOfGeth: Readonly<Record<string, string>> = {
  [errorMessages.OUT_OF_GAS]: 'out of gas',
  [errorMessages.CODESTORE_OUT_OF_GAS]: 'contract creation code storage out of gas',
  [errorMessages.CODESIZE_EXCEEDS_MAXIMUM]: 'max code size exceeded',
  [errorMessages.INITCODE_SIZE_VIOLATION]: 'max initcode size exceeded',
  [errorMessages.STACK_UNDERFLOW]: 'stack underflow',
  [errorMessages.STACK_OVERFLOW]: 'stack limit reached 1024 (1023)',
  [errorMessages.INVALID_JUMP]: 'invalid jump destination',
  [errorMessages.INVALID_OPCODE]: 'invalid opcode',
  [errorMessages.REVERT]: 'execution reverted',
  [errorMessages.STATIC_STATE_CHANGE]: 'write protection',
  [errorMessages.CREATE_COLLISION]: 'contract address collision',
  [errorMessages.INVALID_BYTECODE_RESULT]: 'invalid code: must not begin with 0xef',
  [errorMessages.INSUFFICIENT_BALANCE]: 'insufficient balance for transfer',
  [errorMessages.REFUND_EXHAUSTED]: 'gas uint64 overflow',
  [errorMessages.OUT_OF_RANGE]: 'return data out of bounds',
};

/** Opcodes of which geth finds out that they may not write while it counts their gas: SSTORE, CALL, SELFDESTRUCT. */
const writesByGas = new Set([0x55, 0xf1, 0xff]);

export interface EndedExecution {
  readonly exceptionError?: { readonly error: string };
  readonly runState?: { readonly opCode: number };
}

/** Why an execution failed, in geth's words; undefined where it did not. */
export function wordExecutionError({ exceptionError, runState }: EndedExecution): string | undefined {
  if (exceptionError === undefined) return undefined;
  const words = wordsOfGeth[exceptionError.error] ?? exceptionError.error;
  const opCode = runState?.opCode;
  // Of a precompile that refuses its input ethereumjs says that it reverts, though all gas is gone and nothing is handed back.
  if (opCode === undefined) return words === 'execution reverted' ? 'precompile failed' : words;
  if (words === 'write protection' && writesByGas.has(opCode)) return `out of gas: ${words}`;
  if (words !== 'invalid opcode') return words;
  return opCode === 0xfe ? `${words}: INVALID` : `${words}: opcode 0x${opCode.toString(16)} not defined`;
}

/** Whether geth finds the fault before the instruction is executed: then the step itself tells it. */
export const failsBeforeExecution = (words: string): boolean => /^(out of gas|stack )/.test(words);

export interface ResultDetails {
  readonly hash: Uint8Array;
  readonly sender: Uint8Array;
  readonly nonce: bigint;
  readonly to: Uint8Array | null;
  readonly receipt: ReceiptBody;
  readonly gasUsed: bigint;
  readonly effectiveGasPrice: bigint;
  readonly returnData: Uint8Array;
  readonly error: string | undefined;
  readonly blob?: { readonly gasUsed: bigint; readonly price: bigint };
}

export function describeResult(details: ResultDetails): TransactionResult {
  const { receipt, blob, error } = details;
  return {
    hash: bytesToHex(details.hash),
    sender: bytesToHex(details.sender),
    type: receipt.type,
    status: receipt.outcome instanceof Uint8Array ? undefined : receipt.outcome,
    gasUsed: details.gasUsed,
    cumulativeGasUsed: receipt.cumulativeGasUsed,
    effectiveGasPrice: details.effectiveGasPrice,
    contractAddress:
      details.to === null ? bytesToHex(generateAddress(details.sender, bigIntToBytes(details.nonce))) : null,
    logs: describeLogs(receipt.logs),
    returnData: details.returnData,
    ...(error === undefined ? {} : { error }),
    ...(blob === undefined ? {} : { blobGasUsed: blob.gasUsed, blobGasPrice: blob.price }),
    receiptRlp: encodeReceipt(receipt),
  };
}
