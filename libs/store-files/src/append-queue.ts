/**
 * Group commit: appends that arrive while the disk is busy are written by one writev and share the next sync. A record is
 * acknowledged only after its bytes and all before it were synced. The first failure ends the queue: after a
 * failed fsync the system may have thrown the bytes away and forgotten it, so nothing later can be believed.
 */
import { ChunkStoreError } from '@lucid/chunk-store';
import { type StoreFile, toStoreError, writeAll } from './file-system.ts';
import type { RecordTable } from './record-table.ts';

/** Bounds how much one sync covers, and so what a power cut can leave half-written. */
const MAX_GROUP_SIZE_BYTES = 64 * 1024 * 1024;
const MAX_GROUP_RECORDS = 256;

interface PendingAppend {
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface AppendQueueOptions {
  readonly sessionId: string;
  readonly file: StoreFile;
  /** Grows by what was acknowledged. */
  readonly table: RecordTable;
  /** Called after each sync with the number of durable records. */
  readonly onDurable: (records: number) => Promise<void>;
}

export class AppendQueue {
  readonly #options: AppendQueueOptions;
  #pending: PendingAppend[] = [];
  #claimed: number;
  #running: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(options: AppendQueueOptions) {
    this.#options = options;
    this.#claimed = options.table.length;
  }

  /** The index the next append must have. */
  get claimed(): number {
    return this.#claimed;
  }

  /** Why nothing is accepted any more, or null. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Resolves when the record, and so all before it, is durable. */
  push(parts: readonly Uint8Array[], sizeBytes: number): Promise<void> {
    this.#claimed += 1;
    return new Promise((resolve, reject) => {
      this.#pending.push({ parts, sizeBytes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is under way, whether it succeeded or failed. */
  async drained(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  /**
   * Drains, then, in the same turn, runs `check` and accepts nothing more but rejects with `reason`. Throws what `check`
   * throws, and then goes on accepting.
   */
  async seal(reason: Error, check: () => void): Promise<void> {
    while (this.#running !== null) await this.#running;
    if (this.#failure !== null) throw this.#failure;
    check();
    this.#failure = reason;
  }

  async #run(): Promise<void> {
    // Lets appends of the same turn join the first group.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#commit(group);
      } catch (error) {
        this.#rejectAll(group, error);
        break;
      }
      for (const each of group) each.resolve();
    }
    this.#running = null;
  }

  #takeGroup(): PendingAppend[] {
    let count = 0;
    let sizeBytes = 0;
    for (const each of this.#pending) {
      sizeBytes += each.sizeBytes;
      if (count > 0 && (sizeBytes > MAX_GROUP_SIZE_BYTES || count === MAX_GROUP_RECORDS)) break;
      count += 1;
    }
    return this.#pending.splice(0, count);
  }

  async #commit(group: readonly PendingAppend[]): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    const { file, table, onDurable } = this.#options;
    const parts = group.flatMap((each) => each.parts);
    await writeAll(file, parts, table.endOffset);
    await file.datasync();
    for (const each of group) table.push(table.endOffset, each.sizeBytes);
    await onDurable(table.length);
  }

  #rejectAll(group: readonly PendingAppend[], cause: unknown): void {
    const { sessionId } = this.#options;
    const first = toStoreError(cause, { sessionId, detail: 'writing records failed' });
    this.#failure ??= first;
    const waiting = [...group, ...this.#pending];
    this.#pending = [];
    const code = first instanceof ChunkStoreError ? first.code : 'store_unavailable';
    for (const each of waiting) {
      each.reject(new ChunkStoreError(code, { sessionId, detail: 'writing records failed', cause }));
    }
  }
}
