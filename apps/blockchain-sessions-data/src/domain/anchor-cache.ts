/**
 * Anchors that were told, for all processes of the service, so that the store is asked seldom.
 *
 * Truth is in the index. What is kept belongs to a generation of it, and to no later block than the index has; the generation is read from
 * the store, and believed for `LEASE_MS`. A process that makes the index anew says so, and waits for `SETTLE_MS` before it removes the
 * first document: until then all others have asked again, and nobody tells of the generation before.
 *
 * A cache that is away costs nothing but the work it would have saved.
 */
import type { Generation } from '@lucid/chain-index';
import { SessionAnchor } from '@lucid/contracts';
import { type Cache, EventsError } from '@lucid/events';
import type { Log } from '@lucid/service-kit';
import { Check } from 'typebox/schema';
import { type SessionEvent, toAnchor } from './chain-event.ts';

const LEASE_MS = 1_000;
/** Longer than the lease by what the timers of two machines differ in a second, and far more. */
export const SETTLE_MS = 1_500;
/** Where the documents were restored from a dump and the chain from another one, what was kept between is gone after this long. */
const KEPT_MS = 600_000;
/** How long a cache that failed is left alone. */
const REST_MS = 1_000;

/** Of the form of what is kept: another version reads none of it. */
const FORM = 1;

interface AnchorCacheOptions {
  readonly cache: Pick<Cache, 'get' | 'set'>;
  readonly readGeneration: () => Promise<Generation | null>;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs: () => number;
  readonly log: Log;
}

/** What is kept of a session, and under which generation more may be kept. */
export interface Kept {
  readonly generation: Generation | null;
  readonly event: SessionEvent | undefined;
}

interface Lease {
  readonly sinceMs: number;
  readonly generation: Promise<Generation | null>;
}

const keyOf = ({ id }: Generation, sessionId: string): string =>
  `sessions-data/anchor/${FORM}/${id}/${sessionId}`;

/** Undefined for what this version does not write. */
function parseEvent(text: string, sessionId: string): SessionEvent | undefined {
  try {
    const event = JSON.parse(text) as SessionEvent;
    const isEvent = event.kind === 'session' && event.sessionId === sessionId;
    return isEvent && Check(SessionAnchor, toAnchor(event)) ? event : undefined;
  } catch {
    return undefined;
  }
}

export class AnchorCache {
  readonly #options: AnchorCacheOptions;
  #lease: Lease | null = null;
  #isAway = false;
  #restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: AnchorCacheOptions) {
    this.#options = options;
  }

  /** @throws DocumentStoreError */
  async get(sessionId: string): Promise<Kept> {
    const { steadyMs } = this.#options;
    const lease = this.#leased();
    const generation = await lease.generation;
    if (generation === null) return { generation, event: undefined };
    const text = await this.#asking((cache) => cache.get(keyOf(generation, sessionId)));
    const event = text ? parseEvent(text, sessionId) : undefined;
    // The store or the cache may have been slow.
    const holds = event && event.height <= generation.height && steadyMs() - lease.sinceMs < LEASE_MS;
    return { generation, event: holds ? event : undefined };
  }

  /** What was read after the generation was. */
  async put(generation: Generation | null, event: SessionEvent): Promise<void> {
    if (generation === null) return;
    await this.#asking((cache) =>
      cache.set(keyOf(generation, event.sessionId), JSON.stringify(event), KEPT_MS),
    );
  }

  /** This process knows that the generation is another one. */
  forget(): void {
    this.#lease = null;
  }

  #leased(): Lease {
    const { steadyMs, readGeneration } = this.#options;
    const sinceMs = steadyMs();
    if (this.#lease && sinceMs - this.#lease.sinceMs < LEASE_MS) return this.#lease;
    const lease = { sinceMs, generation: readGeneration() };
    lease.generation.catch(() => {
      if (this.#lease === lease) this.#lease = null;
    });
    this.#lease = lease;
    return lease;
  }

  /** Null where the cache is away. */
  async #asking<T>(work: (cache: AnchorCacheOptions['cache']) => Promise<T>): Promise<T | null> {
    const { cache, steadyMs, log } = this.#options;
    if (steadyMs() < this.#restsUntilMs) return null;
    try {
      const answer = await work(cache);
      if (this.#isAway) log.info('the cache of anchors is there again');
      this.#isAway = false;
      return answer;
    } catch (error) {
      if (!(error instanceof EventsError) || error.code !== 'events_unavailable') throw error;
      if (!this.#isAway) log.warn({ err: error }, 'the cache of anchors is away; the store is asked instead');
      this.#isAway = true;
      this.#restsUntilMs = steadyMs() + REST_MS;
      return null;
    }
  }
}
