/** Work on a session that must not overlap, in whatever process: one lease a session, renewed while the work runs. */
import { randomUUID } from 'node:crypto';
import type { DocumentStore, Lease } from '@lucid/document-store';
import type { Clock, Log } from '@lucid/service-kit';

/** Renewals in the life of a lease. */
const RENEWALS = 3;

export class SessionLeases {
  readonly #documents: DocumentStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #ttlMs: number;
  readonly #holder = randomUUID();

  constructor(options: {
    readonly documents: DocumentStore;
    readonly clock: Clock;
    readonly log: Log;
    readonly ttlMs: number;
  }) {
    this.#documents = options.documents;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#ttlMs = options.ttlMs;
  }

  /** The result of the work, or null where somebody else is at it. The signal aborts where the lease is lost. */
  async run<T>(
    sessionId: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly result: T } | null> {
    const lease = await this.#documents.acquireLease(`session/${sessionId}`, this.#holder, this.#ttlMs);
    if (!lease) return null;
    const lost = new AbortController();
    const stopRenewing = this.#renew(lease, lost);
    try {
      return { result: await work(AbortSignal.any([signal, lost.signal])) };
    } finally {
      await this.#release(await stopRenewing());
    }
  }

  #renew(first: Lease, lost: AbortController): () => Promise<Lease> {
    let lease = first;
    let renewing: Promise<void> = Promise.resolve();
    let cancel: () => void = () => {};
    const renew = async () => {
      try {
        const renewed = await this.#documents.renewLease(lease, this.#ttlMs);
        if (renewed) lease = renewed;
        else lost.abort();
      } catch (error) {
        this.#log.warn({ lease: lease.name, err: error }, 'could not renew a lease');
      }
    };
    const plan = () => {
      cancel = this.#clock.after(this.#ttlMs / RENEWALS, () => {
        renewing = renew().then(() => {
          if (!lost.signal.aborted) plan();
        });
      });
    };
    plan();
    return async () => {
      cancel();
      await renewing;
      cancel();
      return lease;
    };
  }

  async #release(lease: Lease): Promise<void> {
    try {
      await this.#documents.releaseLease(lease);
    } catch (error) {
      // It runs out by itself.
      this.#log.warn({ lease: lease.name, err: error }, 'could not release a lease');
    }
  }
}
