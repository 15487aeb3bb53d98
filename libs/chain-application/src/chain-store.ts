/** Head, headers and blocks in the key-value store, and the one batch that makes a block durable. */

import { decodeRlp, encodeRlp } from '@lucid/eth-proof';
import type { KvOperation, KvStore } from '@lucid/kv-store';
import type { BlockHead } from './application.ts';
import { keccak256 } from './crypto.ts';
import { ChainError } from './error.ts';
import { heightKey, type PendingWrites, storeKey } from './node-store.ts';
import { bytesToHex, type Hex, hexToBytes } from './values.ts';

/** Head as it is stored: height (6 bytes), time (6 bytes), block hash, state root. */
function encodeHead(head: BlockHead): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(head.height, 0, 6);
  bytes.writeUIntBE(head.timestampSec, 6, 6);
  return Uint8Array.from(Buffer.concat([bytes, hexToBytes(head.blockHash), hexToBytes(head.stateRoot)]));
}

function decodeHead(bytes: Uint8Array): BlockHead {
  if (bytes.length !== 76) throw new ChainError('state_damaged', 'the head marker cannot be read');
  const buffer = Buffer.from(bytes);
  return {
    height: buffer.readUIntBE(0, 6),
    timestampSec: buffer.readUIntBE(6, 6),
    blockHash: bytesToHex(bytes.subarray(12, 44)),
    stateRoot: bytesToHex(bytes.subarray(44)),
  };
}

export interface CommittableBlock {
  readonly head: BlockHead;
  readonly headerRlp: Uint8Array;
  readonly blockRlp: Uint8Array;
  readonly transactionHashes: readonly Hex[];
  readonly pending: PendingWrites;
}

const put = (key: Uint8Array, value: Uint8Array): KvOperation => ({ type: 'put', key, value });

const heightBytes = (height: number): Uint8Array => heightKey(' ', height).subarray(1);

function blockOperations(block: CommittableBlock): KvOperation[] {
  const operations: KvOperation[] = [];
  for (const [hashKey, node] of block.pending.nodes) operations.push(put(storeKey.node(hashKey), node));
  for (const [hashKey, code] of block.pending.codes) operations.push(put(storeKey.code(hashKey), code));
  const { height } = block.head;
  operations.push(put(storeKey.header(height), block.headerRlp), put(storeKey.block(height), block.blockRlp));
  block.transactionHashes.forEach((hash, index) => {
    const place = Buffer.alloc(10);
    place.set(heightBytes(height));
    place.writeUInt32BE(index, 6);
    operations.push(put(storeKey.transaction(Buffer.from(hash.slice(2), 'hex').toString('latin1')), place));
  });
  operations.push(put(storeKey.meta('head'), encodeHead(block.head)));
  return operations;
}

export class ChainStore {
  readonly kv: KvStore;

  constructor(kv: KvStore) {
    this.kv = kv;
  }

  async head(): Promise<BlockHead | null> {
    const stored = await this.kv.get(storeKey.meta('head'));
    return stored === undefined ? null : decodeHead(stored);
  }

  async genesisHash(): Promise<Hex | null> {
    const stored = await this.kv.get(storeKey.meta('genesis'));
    return stored === undefined ? null : bytesToHex(stored);
  }

  /** Oldest height whose state is kept. */
  async oldestState(): Promise<number> {
    const stored = await this.kv.get(storeKey.meta('oldest'));
    return stored === undefined ? 0 : Buffer.from(stored).readUIntBE(0, 6);
  }

  static oldestStateOperation(height: number): KvOperation {
    return put(storeKey.meta('oldest'), heightBytes(height));
  }

  /** One batch, on the disk before the promise resolves. */
  async commit(block: CommittableBlock, more: readonly KvOperation[] = []): Promise<void> {
    await this.kv.batch([...blockOperations(block), ...more], { sync: true });
  }

  static genesisOperation(hash: Hex): KvOperation {
    return put(storeKey.meta('genesis'), hexToBytes(hash));
  }

  async headerRlp(height: number): Promise<Uint8Array | null> {
    return (await this.kv.get(storeKey.header(height))) ?? null;
  }

  /** Hash of a committed block; null where its header is not kept. */
  async blockHash(height: number): Promise<Uint8Array | null> {
    const header = await this.headerRlp(height);
    return header === null ? null : keccak256(header);
  }

  async blockRlp(height: number): Promise<Uint8Array | null> {
    return (await this.kv.get(storeKey.block(height))) ?? null;
  }

  async locate(transaction: Hex): Promise<{ height: number; index: number } | null> {
    const key = Buffer.from(transaction.slice(2), 'hex').toString('latin1');
    const place = await this.kv.get(storeKey.transaction(key));
    if (place === undefined) return null;
    const bytes = Buffer.from(place);
    return { height: bytes.readUIntBE(0, 6), index: bytes.readUInt32BE(6) };
  }
}

/** RLP of the header within the RLP of its block. */
export function headerOfBlock(blockRlp: Uint8Array): Uint8Array {
  const items = decodeRlp(blockRlp);
  if (items instanceof Uint8Array || !Array.isArray(items[0]))
    throw new Error('a block is a list that begins with a header');
  return encodeRlp(items[0]);
}
