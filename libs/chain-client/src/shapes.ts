/** Answers of a node, read strictly: what is not as execution-apis says is refused, what is more is passed over. */
import type { Hex } from 'viem';
import { ChainClientError } from './error.ts';

export interface ChainLog {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly logIndex: number;
}

export interface ChainReceipt {
  readonly transactionHash: Hex;
  readonly transactionIndex: number;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly status: 'success' | 'reverted';
  readonly gasUsed: bigint;
  readonly contractAddress: Hex | null;
  readonly logs: readonly ChainLog[];
}

export interface ChainBlock {
  readonly number: bigint;
  /** Wei; null before EIP-1559. */
  readonly baseFeePerGas: bigint | null;
}

const QUANTITY = /^0x(?:0|[1-9a-f][0-9a-f]{0,63})$/;
const DATA = /^0x(?:[0-9a-f]{2})*$/i;
const INDEX_MAX = 2n ** 53n - 1n;

const malformed = (): ChainClientError => new ChainClientError('rpc_malformed');

export function isHexOf(value: unknown, sizeBytes?: number): value is Hex {
  if (typeof value !== 'string' || !DATA.test(value)) return false;
  return sizeBytes === undefined || value.length === 2 + 2 * sizeBytes;
}

export function readQuantity(value: unknown): bigint {
  if (typeof value !== 'string' || !QUANTITY.test(value)) throw malformed();
  return BigInt(value);
}

export function readIndex(value: unknown): number {
  const quantity = readQuantity(value);
  if (quantity > INDEX_MAX) throw malformed();
  return Number(quantity);
}

function readHex(value: unknown, sizeBytes?: number): Hex {
  if (!isHexOf(value, sizeBytes)) throw malformed();
  return value.toLowerCase() as Hex;
}

export const readData = (value: unknown): Hex => readHex(value);

function readObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed();
  return value as Readonly<Record<string, unknown>>;
}

function readList<T>(value: unknown, read: (member: unknown) => T): T[] {
  if (!Array.isArray(value)) throw malformed();
  return value.map(read);
}

function readLog(value: unknown): ChainLog {
  const { address, topics, data, logIndex } = readObject(value);
  return {
    address: readHex(address, 20),
    topics: readList(topics, (topic) => readHex(topic, 32)),
    data: readHex(data),
    logIndex: readIndex(logIndex),
  };
}

function readStatus(value: unknown): ChainReceipt['status'] {
  if (value === '0x1') return 'success';
  if (value === '0x0') return 'reverted';
  throw malformed();
}

/** Null where the node has none. A receipt of another transaction than `hash` is no answer. */
export function readReceipt(value: unknown, hash: Hex): ChainReceipt | null {
  if (value === null) return null;
  const given = readObject(value);
  const transactionHash = readHex(given.transactionHash, 32);
  if (transactionHash !== hash.toLowerCase()) throw malformed();
  const { contractAddress } = given;
  return {
    transactionHash,
    transactionIndex: readIndex(given.transactionIndex),
    blockNumber: readQuantity(given.blockNumber),
    blockHash: readHex(given.blockHash, 32),
    status: readStatus(given.status),
    gasUsed: readQuantity(given.gasUsed),
    contractAddress:
      contractAddress === null || contractAddress === undefined ? null : readHex(contractAddress, 20),
    logs: readList(given.logs, readLog),
  };
}

export function readBlock(value: unknown): ChainBlock {
  const { number, baseFeePerGas } = readObject(value);
  return {
    number: readQuantity(number),
    baseFeePerGas: baseFeePerGas === undefined || baseFeePerGas === null ? null : readQuantity(baseFeePerGas),
  };
}

/** Whether the node knows a transaction, in a block or in its pool. */
export const readIsKnown = (value: unknown): boolean => value !== null && readObject(value) !== null;
