/**
 * Public keys of access tokens and what was revoked, as far as this process has heard of them.
 *
 * A key that is not known costs one fetch, however many tokens name it: those that ask meanwhile wait for the same, and
 * until `refetchAfterMs` have passed no other unknown one causes another. A rotation does not suffer from it: the next key is
 * published, and fetched by `follow`, before it signs.
 *
 * No key is given out before all was heard that is revoked: API tokens live for months, and one that was revoked long ago must
 * open nothing at a process that has just begun. Once heard, keys and revocations stay in use while their source is away.
 */
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';

export interface AccessKeySource {
  jwks(
    signal?: AbortSignal,
  ): Promise<{ readonly keys: readonly { readonly kid: string; readonly x: string }[] }>;
  /** With `waits` it waits a while where nothing is new. */
  revocations(
    asked: { readonly after: number; readonly waits: boolean },
    signal: AbortSignal,
  ): Promise<{
    readonly revoked: readonly { readonly id: string; readonly until: number }[];
    readonly next: number;
  }>;
}

export interface AccessKeys {
  /** Base64url of the 32 bytes of a known key; undefined also before revocations were heard. */
  get(kid: string): string | undefined;
  /** Asks for it. Undefined where there is no such key. @throws ProblemError unavailable */
  fetch(kid: string): Promise<string | undefined>;
  isRevoked(id: string): boolean;
  /** Keeps keys and revocations fresh until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
  /** Resolves once keys and revocations were heard of. @throws ProblemError unavailable */
  ready(): Promise<void>;
}

export interface AccessKeysOptions {
  readonly source: AccessKeySource;
  readonly clock: Clock;
  readonly log: Log;
  /** Default 10,000. */
  readonly refetchAfterMs?: number;
  /** Default 30,000. */
  readonly refreshEveryMs?: number;
  /** Pause after a failure; default 1,000. */
  readonly retryAfterMs?: number;
  /** A fetch of keys that takes longer has failed: callers wait for it. Default 3,000. */
  readonly fetchTimeoutMs?: number;
}

export function createAccessKeys(options: AccessKeysOptions): AccessKeys {
  return new FetchedKeys(options);
}

class FetchedKeys implements AccessKeys {
  readonly #options: Required<AccessKeysOptions>;
  #keys: ReadonlyMap<string, string> = new Map();
  readonly #revoked = new Map<string, number>();
  #fetching: Promise<void> | null = null;
  #fetchedAtMs = Number.NEGATIVE_INFINITY;
  #heard = false;
  #heardUpTo = 0;
  #away = false;

  constructor(options: AccessKeysOptions) {
    this.#options = {
      refetchAfterMs: 10_000,
      refreshEveryMs: 30_000,
      retryAfterMs: 1_000,
      fetchTimeoutMs: 3_000,
      ...options,
    };
  }

  get(kid: string): string | undefined {
    return this.#heard ? this.#keys.get(kid) : undefined;
  }

  async fetch(kid: string): Promise<string | undefined> {
    const recent = this.#options.clock.nowMs() - this.#fetchedAtMs < this.#options.refetchAfterMs;
    if (!recent || this.#fetching) await this.#refresh();
    return this.#keys.get(kid);
  }

  #refresh(): Promise<void> {
    this.#fetching ??= this.#load().finally(() => {
      this.#fetching = null;
    });
    return this.#fetching;
  }

  async #load(): Promise<void> {
    const { source, clock, retryAfterMs } = this.#options;
    try {
      const [{ keys }] = await this.#inTime((signal) =>
        Promise.all([source.jwks(signal), this.#heard || this.#hearAll(signal)]),
      );
      this.#keys = new Map(keys.map(({ kid, x }) => [kid, x]));
      this.#fetchedAtMs = clock.nowMs();
    } catch (cause) {
      throw new ProblemError('unavailable', {
        detail: 'The keys of access tokens, or what was revoked, cannot be fetched.',
        extensions: { retryAfterMs },
        cause,
      });
    }
  }

  /** Rejects after `fetchTimeoutMs`, also where the source does not heed the signal. */
  #inTime<R>(work: (signal: AbortSignal) => Promise<R>): Promise<R> {
    const { clock, fetchTimeoutMs } = this.#options;
    const late = new AbortController();
    return new Promise<R>((resolve, reject) => {
      const cancel = clock.after(fetchTimeoutMs, () => {
        const error = new Error(`no keys in ${fetchTimeoutMs} ms`);
        reject(error);
        late.abort(error);
      });
      work(late.signal).then(resolve, reject).finally(cancel);
    });
  }

  /** Page by page, until nothing is left. */
  async #hearAll(signal: AbortSignal): Promise<void> {
    for (let news = true; news; ) news = await this.#hear(false, signal);
    this.#heard = true;
  }

  /** Whether there was anything new. */
  async #hear(waits: boolean, signal: AbortSignal): Promise<boolean> {
    const { revoked, next } = await this.#options.source.revocations(
      { after: this.#heardUpTo, waits },
      signal,
    );
    for (const { id, until } of revoked) this.#revoked.set(id, until);
    this.#heardUpTo = next;
    return revoked.length > 0;
  }

  isRevoked(id: string): boolean {
    return this.#revoked.has(id);
  }

  async follow(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#followKeys(signal), this.#followRevocations(signal)]);
  }

  async #followKeys(signal: AbortSignal): Promise<void> {
    const { clock, refreshEveryMs, retryAfterMs } = this.#options;
    while (!signal.aborted) {
      const waitMs = await this.#refresh().then(
        () => refreshEveryMs,
        () => retryAfterMs,
      );
      await clock.sleep(waitMs, signal).catch(() => {});
    }
  }

  async #followRevocations(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        // After a failure it is to be heard at once that it is over.
        if (this.#heard) await this.#hear(!this.#away, signal);
        else await this.#refresh();
        this.#tell(false);
        this.#forget();
      } catch (error) {
        if (signal.aborted) return;
        this.#tell(true, error);
        await this.#options.clock.sleep(this.#options.retryAfterMs, signal).catch(() => {});
      }
    }
  }

  #tell(away: boolean, error?: unknown): void {
    if (away === this.#away) return;
    this.#away = away;
    const { log } = this.#options;
    if (away)
      log.warn({ err: error }, 'revocations are not heard; tokens revoked now are taken until they expire');
    else log.info('revocations are heard again');
  }

  /** Ids whose tokens have all expired. */
  #forget(): void {
    const now = this.#options.clock.nowMs() / 1000 - 60;
    for (const [id, until] of this.#revoked) if (until < now) this.#revoked.delete(id);
  }

  async ready(): Promise<void> {
    if (this.#keys.size === 0 || !this.#heard) await this.#refresh();
    if (this.#away) throw new ProblemError('unavailable', { detail: 'What was revoked is not heard of.' });
  }
}
