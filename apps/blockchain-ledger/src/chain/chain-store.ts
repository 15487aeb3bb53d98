/**
 * Reads and writes the chain's store. What is read is judged before it is given out: every value by its seal, a header
 * also by its hash; whether a body fits its roots is judged when it is stored, by `checkChain` and in proofs.
 */
import { KvError, type KvOperation, type KvRange, type KvStore } from '@lucid/kv-store';
import type { JudgedBlock } from './block-judge.ts';
import { chunksOf, operationsOf, put } from './block-operations.ts';
import { ChainError, damaged } from './chain-error.ts';
import type { Keccak256 } from './keccak.ts';
import { joinKeptBlock } from './kept-block.ts';
import { bytesOf, readItems } from './rlp.ts';
import {
  blockHashKey,
  bodyKey,
  contentRange,
  decodeChunk,
  decodeHead,
  decodeHeaderRecord,
  decodeHeight,
  decodePlace,
  encodeHead,
  FORMAT,
  formatKey,
  type HeaderRecord,
  type HeadRecord,
  headerKey,
  headKey,
  openValue,
  type Place,
  type ReceiptChunk,
  receiptsKey,
  sendersKey,
  transactionKey,
} from './store-layout.ts';

export class ChainStore {
  readonly #kv: KvStore;
  readonly #keccak: Keccak256;

  constructor(kv: KvStore, keccak: Keccak256) {
    this.#kv = kv;
    this.#keccak = keccak;
  }

  get keccak(): Keccak256 {
    return this.#keccak;
  }

  async #done<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw toChainError(error);
    }
  }

  /** Contents in the order of the keys, undefined where there is none; `what` names what is damaged. */
  async readMany(keys: readonly Uint8Array[], what: string): Promise<(Buffer | undefined)[]> {
    const values = await this.#done(this.#kv.getMany(keys));
    return values.map((value, index) => value && this.#opened(keys[index] as Uint8Array, value, what));
  }

  /** Contents, undefined where there is none or it is damaged. */
  async lookAt(keys: readonly Uint8Array[]): Promise<(Buffer | undefined)[]> {
    const values = await this.lookAtValues(keys);
    return values.map((value, index) => value && openValue(keys[index] as Uint8Array, value));
  }

  /** Values as they are stored, seal and all. */
  lookAtValues(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#done(this.#kv.getMany(keys));
  }

  #opened(key: Uint8Array, value: Uint8Array, what: string): Buffer {
    const content = openValue(key, value);
    if (!content) throw damaged(`${what} is not what was stored`);
    return content;
  }

  async #readOne(key: Uint8Array, what: string): Promise<Buffer | undefined> {
    return (await this.readMany([key], what))[0];
  }

  async #require(key: Uint8Array, what: string): Promise<Buffer> {
    const content = await this.#readOne(key, what);
    if (!content) throw damaged(`${what} is missing`);
    return content;
  }

  /** Key and stored value, not judged; errors of the engine are this store's. */
  async *entries(range: KvRange): AsyncGenerator<readonly [Uint8Array, Uint8Array]> {
    try {
      yield* this.#kv.iterate(range);
    } catch (error) {
      throw toChainError(error);
    }
  }

  async isEmpty(): Promise<boolean> {
    for await (const _ of this.entries({ limit: 1 })) return false;
    return true;
  }

  async readHead(): Promise<HeadRecord | undefined> {
    const [format, head] = await this.readMany([formatKey, headKey], 'the head');
    if (!format && !head) return undefined;
    if (!format?.equals(FORMAT)) throw damaged(`the format is ${format ?? 'missing'}, not ${FORMAT}`);
    const record = head && decodeHead(head);
    if (!record) throw damaged('the head is missing');
    return record;
  }

  async readHeader(height: number): Promise<HeaderRecord> {
    const what = `header of block ${height}`;
    const record = decodeHeaderRecord(await this.#require(headerKey(height), what));
    if (!record) throw damaged(`${what} is cut`);
    if (Buffer.compare(this.#keccak(record.headerRlp), record.blockHash) !== 0)
      throw damaged(`${what} does not hash to the block’s hash`);
    return record;
  }

  readBody(height: number): Promise<Buffer> {
    return this.#require(bodyKey(height), `body of block ${height}`);
  }

  readSenders(height: number): Promise<Buffer> {
    return this.#require(sendersKey(height), `senders of block ${height}`);
  }

  /** Of a block with receipts in these chunks. */
  async readReceipts(height: number, chunks: readonly number[]): Promise<ReceiptChunk[]> {
    const what = `receipts of block ${height}`;
    const contents = await this.readMany(
      chunks.map((chunk) => receiptsKey(height, chunk)),
      what,
    );
    return contents.map((content) => {
      const chunk = content && decodeChunk(content);
      if (!chunk) throw damaged(`${what} are missing`);
      return chunk;
    });
  }

  readAllReceipts(height: number, transactions: number): Promise<ReceiptChunk[]> {
    return this.readReceipts(
      height,
      Array.from({ length: chunksOf(transactions) }, (_, chunk) => chunk),
    );
  }

  /** The block in the form in which it came. */
  async readBlock(height: number): Promise<Uint8Array> {
    const { headerRlp, transactions } = await this.readHeader(height);
    const [body, senders, chunks] = await Promise.all([
      this.readBody(height),
      this.readSenders(height),
      this.readAllReceipts(height, transactions),
    ]);
    return joinKeptBlock({ headerRlp, body, senders, receipts: chunks.map(({ receipts }) => receipts) });
  }

  async heightOf(blockHash: Uint8Array): Promise<number | undefined> {
    const content = await this.#readOne(blockHashKey(blockHash), 'the index of block hashes');
    return content && decodeHeight(content);
  }

  async placeOf(transactionHash: Uint8Array): Promise<Place | undefined> {
    const content = await this.#readOne(transactionKey(transactionHash), 'the index of transactions');
    return content && decodePlace(content);
  }

  /** Makes the block the head, in one synced batch. */
  async append(judged: JudgedBlock, before: HeadRecord | undefined): Promise<HeadRecord> {
    const { block, transactionHashes } = judged;
    const head: HeadRecord = {
      height: block.header.height,
      blockHash: block.blockHash,
      transactions: (before?.transactions ?? 0) + transactionHashes.length,
      oldestBody: before?.oldestBody ?? block.header.height,
    };
    const operations = operationsOf(judged, before?.transactions ?? 0);
    operations.push(put(headKey, encodeHead(head)));
    if (!before) operations.push(put(formatKey, FORMAT));
    await this.write(operations);
    return head;
  }

  async write(operations: readonly KvOperation[], options = { sync: true }): Promise<void> {
    await this.#done(this.#kv.batch(operations, options));
  }

  writeHead(head: HeadRecord): Promise<void> {
    return this.write([put(headKey, encodeHead(head))]);
  }

  /** Keys of all that pruning removes of a block but its terms. */
  async contentKeys(height: number): Promise<Uint8Array[]> {
    const keys: Uint8Array[] = [];
    for await (const [key] of this.entries(contentRange(height, height + 1))) keys.push(key);
    return keys;
  }

  check() {
    return this.#kv.check();
  }

  close(): Promise<void> {
    return this.#kv.close();
  }
}

/** The receipts of a chunk, as the receipts root takes them. */
export function receiptsOf(chunk: ReceiptChunk, height: number): Uint8Array[] {
  try {
    return readItems(chunk.receipts).map((item) => bytesOf(item, 'a receipt'));
  } catch (cause) {
    throw damaged(`receipts of block ${height} are no receipts`, cause);
  }
}

export function toChainError(error: unknown): unknown {
  if (!(error instanceof KvError)) return error;
  if (error.code === 'kv_disk_full') return new ChainError('store_full', { cause: error });
  if (error.code === 'kv_corrupt') return damaged('the engine calls it corrupt', error);
  return new ChainError('chain_unavailable', { cause: error });
}
