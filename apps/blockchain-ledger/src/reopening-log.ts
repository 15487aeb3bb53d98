import { LedgerError } from './domain/ledger-error.ts';
import type { Log } from './domain/log.ts';

/** Least time between two attempts to open a store that failed. */
const reopenEveryMs = 2_000;

/** A clock that was set back keeps nobody waiting. */
export const isTooSoon = (sinceMs: number): boolean => sinceMs >= 0 && sinceMs < reopenEveryMs;

/**
 * A log whose store failed (a full disk, a failed fsync) has stopped for good; this opens it anew, which reads from the
 * store what it really has. A log that was found damaged or set back stays stopped: that is for a person to judge.
 */
export class ReopeningLog {
  readonly #openAnew: () => Promise<Log>;
  readonly #nowMs: () => number;
  #log: Log;
  #reopening: Promise<Log> | undefined;
  #attemptedAtMs = Number.NEGATIVE_INFINITY;

  constructor(first: Log, options: { open: () => Promise<Log>; nowMs: () => number }) {
    this.#log = first;
    this.#openAnew = options.open;
    this.#nowMs = options.nowMs;
  }

  /** The log for reading, as it is. */
  get reader(): Log {
    return this.#log;
  }

  /** The log if it takes entries; undefined where `writer` must say why not. */
  get open(): Log | undefined {
    return this.#log.stopped() === null ? this.#log : undefined;
  }

  /** The log if it takes entries; else a promise of it opened anew, or the reason why not. */
  writer(): Log | Promise<Log> {
    const stopped = this.#log.stopped();
    if (stopped === null) return this.#log;
    if (stopped.code !== 'ledger_unavailable') throw stopped;
    if (this.#reopening) return this.#reopening;
    if (isTooSoon(this.#nowMs() - this.#attemptedAtMs)) throw stopped;
    this.#attemptedAtMs = this.#nowMs();
    this.#reopening = this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #reopen(): Promise<Log> {
    try {
      await this.#log.close();
      this.#log = await this.#openAnew();
      return this.#log;
    } catch (cause) {
      throw cause instanceof LedgerError ? cause : new LedgerError('ledger_unavailable', { cause });
    }
  }

  async close(): Promise<void> {
    await this.#reopening?.catch(() => undefined);
    await this.#log.close();
  }
}
