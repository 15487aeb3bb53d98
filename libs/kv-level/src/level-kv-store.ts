import {
  type KvBatchOptions,
  type KvEntry,
  KvError,
  type KvHealth,
  type KvOperation,
  type KvRange,
  type KvStore,
} from '@lucid/kv-store';
import { ClassicLevel } from 'classic-level';
import { levelErrorToKvError } from './level-error.ts';

export interface LevelKvOptions {
  /** Folder of the store; created with its parents where absent. */
  readonly path: string;
  /** Memory that gathers writes before they become a table file; two may be held. Default 16 MiB. */
  readonly writeBufferSizeBytes?: number;
  /** Default 8 MiB. */
  readonly cacheSizeBytes?: number;
  /** Snappy. Default true. */
  readonly compression?: boolean;
}

type Level = ClassicLevel<Uint8Array, Uint8Array>;

const translated = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    throw levelErrorToKvError(error);
  }
};

/** LevelDB behind the key-value port; one process at a time. */
class LevelKvStore implements KvStore {
  readonly #level: Level;
  #open = true;
  #failure: KvError | undefined;

  constructor(level: Level) {
    this.#level = level;
  }

  #assertOpen(): void {
    if (!this.#open) throw new KvError('kv_closed', { detail: this.#level.location });
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    return translated(this.#level.get(key));
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#assertOpen();
    return translated(this.#level.getMany([...keys]));
  }

  /** The engine copies the operations before the first await, and writes on a thread of its own. */
  async batch(operations: readonly KvOperation[], options: KvBatchOptions): Promise<void> {
    this.#assertOpen();
    try {
      await this.#level.batch([...operations], { sync: options.sync });
    } catch (error) {
      this.#failure = levelErrorToKvError(error);
      throw this.#failure;
    }
  }

  async *iterate(range: KvRange = {}): AsyncGenerator<KvEntry> {
    this.#assertOpen();
    const iterator = this.#level.iterator({
      ...(range.gte && { gte: range.gte }),
      ...(range.lt && { lt: range.lt }),
      ...(range.limit !== undefined && { limit: range.limit }),
      reverse: range.reverse ?? false,
    });
    try {
      for (;;) {
        const entry = await translated(iterator.next());
        if (entry === undefined) return;
        yield entry;
      }
    } finally {
      await iterator.close();
    }
  }

  async check(): Promise<KvHealth> {
    if (this.#failure) return { ok: false, reason: this.#failure.message };
    try {
      await this.get(Uint8Array.of(0));
      return { ok: true };
    } catch (error) {
      return { ok: false, reason: levelErrorToKvError(error).message };
    }
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await translated(this.#level.close());
  }
}

/** Rejects with `kv_locked`, `kv_corrupt`, `kv_denied`, `kv_disk_full` or `kv_io`. */
export async function openLevelKvStore(options: LevelKvOptions): Promise<KvStore> {
  const level: Level = new ClassicLevel(options.path, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    writeBufferSize: options.writeBufferSizeBytes ?? 16 * 1024 * 1024,
    cacheSize: options.cacheSizeBytes ?? 8 * 1024 * 1024,
    compression: options.compression ?? true,
  });
  try {
    await level.open();
  } catch (error) {
    // A store that failed to open still holds its context until it is closed.
    await level.close().catch(() => undefined);
    throw levelErrorToKvError(error);
  }
  return new LevelKvStore(level);
}
