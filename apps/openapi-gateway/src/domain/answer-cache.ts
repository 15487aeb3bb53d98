/** Answers of another service: asked for once, sent again for a while, and for longer while that service does not answer. */
import type { Clock } from '@lucid/service-kit';

interface Kept {
  readonly value: unknown;
  readonly atMs: number;
}

export interface AnswerCacheOptions {
  readonly freshMs: number;
  readonly staleMs: number;
  readonly mostKept: number;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Whether an old answer is better than this failure. */
  readonly isOutage: (error: unknown) => boolean;
}

export class AnswerCache {
  readonly #options: AnswerCacheOptions;
  readonly #kept = new Map<string, Kept>();

  constructor(options: AnswerCacheOptions) {
    this.#options = options;
  }

  /**
   * `ask` runs on behalf of who asks now, so that its failures are its own: a refusal is neither kept nor shared.
   * `key` names the answer whoever asks for it.
   */
  async get<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const { clock, freshMs, staleMs, isOutage } = this.#options;
    const kept = this.#kept.get(key) as (Kept & { readonly value: T }) | undefined;
    if (kept && clock.nowMs() - kept.atMs < freshMs) return kept.value;
    try {
      const value = await ask();
      this.#keep(key, value);
      return value;
    } catch (error) {
      if (kept && isOutage(error) && clock.nowMs() - kept.atMs < staleMs) return kept.value;
      throw error;
    }
  }

  #keep(key: string, value: unknown): void {
    this.#kept.delete(key);
    this.#kept.set(key, { value, atMs: this.#options.clock.nowMs() });
    if (this.#kept.size <= this.#options.mostKept) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}
