/**
 * What the ledger keeps of the chain in its second store (`chain/`), all integers big-endian:
 *
 *   01 H(8)             block hash (32), count of transactions (4), count of logs (4), transactions of all earlier
 *                       blocks (8), RLP of the header
 *   02 H(8) 00          body: transactions, uncles, withdrawals, encoded as in the block
 *   02 H(8) 01          senders, 20 bytes each
 *   02 H(8) 02 C(4)     receipts 32 C to 32 C + 31: logs of the block before them (4), how many (1), hashes of their
 *                       transactions (32 each), then the receipts, each as an RLP string
 *   03 hash(32)         block hash -> H (8)
 *   04 hash(32)         transaction hash -> H (8), position in the block (4)
 *   05 bucket(2) H(8)   terms of the block's logs and the transactions that have them (see log-terms.ts)
 *   06                  head: H (8), block hash (32), transactions of the whole chain (8), oldest body (8)
 *   07                  format (ASCII)
 *
 * Each value begins with a seal: CRC-32 over its key and the rest (4). It tells chance damage and values that stand in
 * another's place; it is no signature: who can write to the store can make one, and is found by `checkChain`, which
 * judges by the header hashes, the roots and the log.
 *
 * One block is one atomic, synced batch. Pruning moves the oldest body on in 06 first; 02 and 05 of a block below it
 * go in one batch, 01, 03 and 04 stay for ever.
 */
import { crc32 } from 'node:zlib';
import { BUCKET_SIZE_BYTES } from './log-terms.ts';

export const RECEIPTS_IN_CHUNK = 32;
export const SEAL_SIZE_BYTES = 4;
const HASH_SIZE_BYTES = 32;
const HEADER_AT = HASH_SIZE_BYTES + 4 + 4 + 8;

function keyOf(prefix: number, sizeBytes: number): Buffer {
  const key = Buffer.alloc(sizeBytes);
  key[0] = prefix;
  return key;
}

const writeHeight = (key: Buffer, height: number, at: number): Buffer => {
  key.writeUIntBE(Math.floor(height / 2 ** 32), at, 4);
  key.writeUIntBE(height % 2 ** 32, at + 4, 4);
  return key;
};
const readHeight = (bytes: Buffer, at: number): number =>
  bytes.readUInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);

const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export const headerKey = (height: number): Buffer => writeHeight(keyOf(1, 9), height, 1);
export const bodyKey = (height: number): Buffer => writeHeight(keyOf(2, 10), height, 1);
export const sendersKey = (height: number): Buffer => {
  const key = bodyKey(height);
  key[9] = 1;
  return key;
};
export const receiptsKey = (height: number, chunk: number): Buffer => {
  const key = writeHeight(keyOf(2, 14), height, 1);
  key[9] = 2;
  key.writeUInt32BE(chunk, 10);
  return key;
};
const hashKey = (prefix: number, hash: Uint8Array): Buffer => {
  const key = keyOf(prefix, 1 + HASH_SIZE_BYTES);
  key.set(hash, 1);
  return key;
};
export const blockHashKey = (hash: Uint8Array): Buffer => hashKey(3, hash);
export const transactionKey = (hash: Uint8Array): Buffer => hashKey(4, hash);
export const bucketKey = (bucket: string, height: number): Buffer => {
  const key = keyOf(5, 1 + BUCKET_SIZE_BYTES + 8);
  key.write(bucket, 1, 'latin1');
  return writeHeight(key, height, 1 + BUCKET_SIZE_BYTES);
};
export const headKey = Buffer.of(6);
export const formatKey = Buffer.of(7);
export const FORMAT = Buffer.from('lucid-chain/1');

/** Height that a key of 01 or 02 stands for. */
export const heightOfKey = (key: Uint8Array): number => readHeight(viewOf(key), 1);
export const heightOfBucket = (key: Uint8Array): number => readHeight(viewOf(key), 1 + BUCKET_SIZE_BYTES);
export const bucketOfKey = (key: Uint8Array): string =>
  viewOf(key).toString('latin1', 1, 1 + BUCKET_SIZE_BYTES);

export const headerRange = (from: number, until?: number) => ({
  gte: headerKey(from),
  lt: until === undefined ? Buffer.of(2) : headerKey(until),
});
export const contentRange = (from: number, until: number) => ({ gte: bodyKey(from), lt: bodyKey(until) });
export const blockHashRange = { gte: Buffer.of(3), lt: Buffer.of(4) };
export const transactionRange = { gte: Buffer.of(4), lt: Buffer.of(5) };
export const allBucketsRange = { gte: Buffer.of(5), lt: Buffer.of(6) };
export const bucketRange = (bucket: string, from: number, until: number) => ({
  gte: bucketKey(bucket, from),
  lt: bucketKey(bucket, until),
});

const sealOf = (key: Uint8Array, content: Uint8Array): number => crc32(content, crc32(key));

export function sealValue(key: Uint8Array, content: Uint8Array): Buffer {
  const value = Buffer.allocUnsafe(SEAL_SIZE_BYTES + content.length);
  value.writeUInt32BE(sealOf(key, content), 0);
  value.set(content, SEAL_SIZE_BYTES);
  return value;
}

/** The content, or undefined where the value is not what was stored under this key. */
export function openValue(key: Uint8Array, value: Uint8Array): Buffer | undefined {
  if (value.length < SEAL_SIZE_BYTES) return undefined;
  const bytes = viewOf(value);
  const content = bytes.subarray(SEAL_SIZE_BYTES);
  return bytes.readUInt32BE(0) === sealOf(key, content) ? content : undefined;
}

export interface HeaderRecord {
  readonly blockHash: Uint8Array;
  readonly transactions: number;
  readonly logs: number;
  readonly transactionsBefore: number;
  readonly headerRlp: Uint8Array;
}

export function encodeHeaderRecord(record: HeaderRecord): Buffer {
  const value = Buffer.allocUnsafe(HEADER_AT + record.headerRlp.length);
  value.set(record.blockHash, 0);
  value.writeUInt32BE(record.transactions, 32);
  value.writeUInt32BE(record.logs, 36);
  writeHeight(value, record.transactionsBefore, 40);
  value.set(record.headerRlp, HEADER_AT);
  return value;
}

export const decodeHeaderRecord = (content: Buffer): HeaderRecord | undefined =>
  content.length <= HEADER_AT
    ? undefined
    : {
        blockHash: content.subarray(0, 32),
        transactions: content.readUInt32BE(32),
        logs: content.readUInt32BE(36),
        transactionsBefore: readHeight(content, 40),
        headerRlp: content.subarray(HEADER_AT),
      };

export interface HeadRecord {
  readonly height: number;
  readonly blockHash: Uint8Array;
  /** Of the whole chain. */
  readonly transactions: number;
  readonly oldestBody: number;
}

export function encodeHead(head: HeadRecord): Buffer {
  const value = Buffer.alloc(56);
  writeHeight(value, head.height, 0);
  value.set(head.blockHash, 8);
  writeHeight(value, head.transactions, 40);
  return writeHeight(value, head.oldestBody, 48);
}

export const decodeHead = (content: Buffer): HeadRecord | undefined =>
  content.length === 56
    ? {
        height: readHeight(content, 0),
        blockHash: content.subarray(8, 40),
        transactions: readHeight(content, 40),
        oldestBody: readHeight(content, 48),
      }
    : undefined;

/** Receipts of one chunk, with what a search needs to know of their block. */
export interface ReceiptChunk {
  readonly logsBefore: number;
  /** Hashes of their transactions. */
  readonly hashes: readonly Uint8Array[];
  /** RLP strings, one after the other. */
  readonly receipts: Uint8Array;
}

export function encodeChunk({ logsBefore, hashes, receipts }: ReceiptChunk): Buffer {
  const start = Buffer.alloc(5);
  start.writeUInt32BE(logsBefore, 0);
  start[4] = hashes.length;
  return Buffer.concat([start, ...hashes, receipts]);
}

export function decodeChunk(content: Buffer): ReceiptChunk | undefined {
  const count = content[4] ?? 0;
  const receiptsAt = 5 + count * HASH_SIZE_BYTES;
  if (count === 0 || content.length < receiptsAt) return undefined;
  const hashes = Array.from({ length: count }, (_, index) =>
    content.subarray(5 + index * HASH_SIZE_BYTES, 5 + (index + 1) * HASH_SIZE_BYTES),
  );
  return { logsBefore: content.readUInt32BE(0), hashes, receipts: content.subarray(receiptsAt) };
}

export interface Place {
  readonly height: number;
  readonly index: number;
}

export const encodeHeight = (height: number): Buffer => writeHeight(Buffer.alloc(8), height, 0);
export const decodeHeight = (content: Buffer): number | undefined =>
  content.length === 8 ? readHeight(content, 0) : undefined;

export function encodePlace({ height, index }: Place): Buffer {
  const value = writeHeight(Buffer.alloc(12), height, 0);
  value.writeUInt32BE(index, 8);
  return value;
}
export const decodePlace = (content: Buffer): Place | undefined =>
  content.length === 12 ? { height: readHeight(content, 0), index: content.readUInt32BE(8) } : undefined;
