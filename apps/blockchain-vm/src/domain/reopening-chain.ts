import type { ChainApplication } from '@lucid/chain-application';
import { KvError, type KvStore } from '@lucid/kv-store';

/** Least time between two attempts to open a store that failed. */
const REOPEN_EVERY_MS = 2_000;

interface Opened {
  readonly chain: ChainApplication;
  readonly kv: KvStore;
}

/**
 * The state machine over a store that may fail (a full disk, a failed fsync): it is opened anew then, at most every two
 * seconds, and goes on with what the store really holds. A block that was executed but not committed is forgotten by that.
 */
export class ReopeningChain {
  readonly #openAnew: () => Promise<Opened>;
  readonly #nowMs: () => number;
  #opened: Promise<Opened> | null = null;
  /** Of the store that failed; the next one waits for it. */
  #closed: Promise<void> = Promise.resolve();
  #failure: unknown = null;
  #attemptedAtMs = Number.NEGATIVE_INFINITY;
  #isEnded = false;

  constructor(options: { open: () => Promise<Opened>; nowMs: () => number }) {
    this.#openAnew = options.open;
    this.#nowMs = options.nowMs;
  }

  /** Rejects with the store's KvError while it cannot be opened, and with whatever the work rejects with. */
  async use<T>(work: (chain: ChainApplication) => Promise<T> | T): Promise<T> {
    const opening = this.#opened ?? this.#open();
    const opened = await opening;
    try {
      return await work(opened.chain);
    } catch (error) {
      if (error instanceof KvError && this.#opened === opening) {
        this.#failure = error;
        this.#opened = null;
        this.#closed = close(opened).catch(() => undefined);
      }
      throw error;
    }
  }

  #open(): Promise<Opened> {
    if (this.#isEnded) return Promise.reject(new KvError('kv_closed'));
    const sinceMs = this.#nowMs() - this.#attemptedAtMs;
    // A clock that was set back does not keep it waiting.
    if (sinceMs >= 0 && sinceMs < REOPEN_EVERY_MS) return Promise.reject(this.#failure);
    this.#attemptedAtMs = this.#nowMs();
    const opening = this.#closed.then(() => this.#openAnew());
    this.#opened = opening;
    opening.catch((error: unknown) => {
      this.#failure = error;
      if (this.#opened === opening) this.#opened = null;
    });
    return opening;
  }

  /** Whoever comes later gets `kv_closed`. */
  async close(): Promise<void> {
    this.#isEnded = true;
    const opened = await this.#opened?.catch(() => null);
    this.#opened = null;
    await this.#closed;
    if (opened) await close(opened);
  }
}

async function close({ chain, kv }: Opened): Promise<void> {
  await chain.close();
  await kv.close();
}
