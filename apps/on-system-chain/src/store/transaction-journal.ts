/**
 * The journal of the mempool: transactions that were acknowledged, so that a killed process or a cut of power loses none.
 *
 * File: records one behind the other, each `length (u32) | checksum (u32) | arrival in ms (u64) | transaction`, integers
 * big-endian; length counts arrival and transaction, the checksum is the first four bytes of their SHA-256. A record that is cut off or damaged ends
 * the file: it was not acknowledged, or the disk broke. What a block holds, or the mempool gave up, stays until the file is written anew
 * with what still waits: at the start, and when it is much larger than that.
 *
 * Appends that come together share one write and one fdatasync. After a failed write the file is not written any more until it was made anew.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface JournalEntry {
  readonly bytes: Uint8Array;
  readonly arrivedAtMs: number;
}

const headBytes = 8;
const arrivalBytes = 8;
/** Twice the largest transaction that is taken. */
const maxRecordBytes = 256 * 1024;
/** Below this size the file is not written anew. */
const leastBytes = 4 * 1024 * 1024;

function encodeEntry({ bytes, arrivedAtMs }: JournalEntry): Buffer {
  const record = Buffer.alloc(headBytes + arrivalBytes + bytes.length);
  record.writeUInt32BE(arrivalBytes + bytes.length, 0);
  record.writeBigUInt64BE(BigInt(arrivedAtMs), headBytes);
  record.set(bytes, headBytes + arrivalBytes);
  checksumOf(record.subarray(headBytes)).copy(record, 4);
  return record;
}

const checksumOf = (body: Uint8Array): Buffer => createHash('sha256').update(body).digest().subarray(0, 4);

/** Entries up to the first record that is not whole. */
export function readEntries(file: Buffer): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (let at = 0; at + headBytes <= file.length; ) {
    const size = file.readUInt32BE(at);
    const body = file.subarray(at + headBytes, at + headBytes + size);
    const isWhole = size > arrivalBytes && size <= maxRecordBytes && body.length === size;
    if (!isWhole || !checksumOf(body).equals(file.subarray(at + 4, at + 8))) break;
    entries.push({
      arrivedAtMs: Number(body.readBigUInt64BE(0)),
      bytes: Uint8Array.from(body.subarray(arrivalBytes)),
    });
    at += headBytes + size;
  }
  return entries;
}

interface Waiting {
  readonly record: Buffer;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export class TransactionJournal {
  readonly #path: string;
  readonly #live: () => Iterable<JournalEntry>;
  #file: FileHandle | null = null;
  #sizeBytes = 0;
  #liveBytes = 0;
  #waiting: Waiting[] = [];
  #work: Promise<void> | null = null;

  /** @param live what still waits, asked for when the file is written anew. */
  constructor(path: string, live: () => Iterable<JournalEntry>) {
    this.#path = path;
    this.#live = live;
  }

  /** What was acknowledged before. */
  async read(): Promise<JournalEntry[]> {
    try {
      return readEntries(await readFile(this.#path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  /** Resolves when it is on the disk. Rejects where that failed; the transaction is then not acknowledged. */
  append(entry: JournalEntry): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ record: encodeEntry(entry), done, failed });
      this.#work ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    // What else arrives in this turn goes along.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) {
      try {
        await this.#write(batch.map(({ record }) => record));
        for (const { done } of batch) done();
      } catch (error) {
        await this.#abandon();
        for (const { failed } of batch) failed(error);
      }
    }
    this.#work = null;
  }

  #take(): Waiting[] {
    const batch = this.#waiting;
    this.#waiting = [];
    return batch;
  }

  async #write(records: readonly Buffer[]): Promise<void> {
    if (!this.#file || (this.#sizeBytes > leastBytes && this.#sizeBytes > 3 * this.#liveBytes))
      await this.rewrite();
    const file = this.#file as FileHandle | null;
    if (!file) throw new Error('the journal is not open');
    const bytes = Buffer.concat(records);
    await file.appendFile(bytes);
    await file.datasync();
    this.#sizeBytes += bytes.length;
  }

  /** After a failure nobody knows what of the file is whole. */
  async #abandon(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => {});
  }

  /** Puts a new file with what waits in the place of the old one. Not while appends are under way. */
  async rewrite(): Promise<void> {
    const next = `${this.#path}.next`;
    const file = await open(next, 'w', 0o600);
    try {
      const bytes = Buffer.concat([...this.#live()].map(encodeEntry));
      await file.appendFile(bytes);
      await file.sync();
      await rename(next, this.#path);
      await syncFolder(dirname(this.#path));
      await this.#abandon();
      this.#file = file;
      this.#sizeBytes = bytes.length;
      this.#liveBytes = bytes.length;
    } catch (error) {
      await file.close().catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#work;
    await this.#abandon();
  }
}

/** A new name in a folder is safe when the folder was written. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
