/**
 * Limits that outlive their server: shared ones while it answers, per-process ones while it does not, and back by itself.
 *
 * What the shared limits let through is counted locally, too. So a switch to local limits gives nobody a fresh window in
 * this process, and leases taken before it are renewed after it. While local, N processes together let through up to N
 * times a limit; back on the server, its windows know nothing of the time between, for one window. Leases taken meanwhile are
 * entered by their next renewal, as far as there is room.
 *
 * Who must rather refuse than count alone (logins) takes the shared limits themselves.
 */
import { RateLimitError } from './errors.ts';
import type { RateLimits } from './rate-limits.ts';

export type LimitsState = 'shared' | 'local';

export interface DegradingOptions {
  /** Answers or rejects with `limits_unavailable` within a deadline of its own. */
  readonly shared: RateLimits;
  readonly local: RateLimits;
  /** Told of each change; `cause` is the error that led to `local`. Must not throw. */
  readonly onChange?: (state: LimitsState, cause?: unknown) => void;
  /** How often the server is asked whether it is back. Default 1000. */
  readonly probeEveryMs?: number;
  /** Runs `work` once after that time; returns what cancels it. Default: a timer that keeps no process alive. */
  readonly schedule?: (work: () => void, delayMs: number) => () => void;
}

export interface DegradingRateLimits extends RateLimits {
  /** `local`: counted per process; `/ready` should say so (`check` does). */
  state(): LimitsState;
}

function scheduleTimer(work: () => void, delayMs: number): () => void {
  const timer = setTimeout(work, delayMs).unref();
  return () => clearTimeout(timer);
}

const isAway = (error: unknown) => error instanceof RateLimitError && error.code === 'limits_unavailable';

class Switch {
  readonly #options: DegradingOptions;
  #state: LimitsState = 'shared';
  /** Counts changes: a call that began before the last one says nothing about the server now. */
  #turn = 0;
  #cancelProbe: (() => void) | null = null;
  #closed = false;

  constructor(options: DegradingOptions) {
    this.#options = options;
  }

  get state(): LimitsState {
    return this.#state;
  }

  /** The shared answer, or null where the local one has to do. */
  async ask<R>(work: (shared: RateLimits) => Promise<R>): Promise<R | null> {
    if (this.#closed) throw new RateLimitError('limits_unavailable', 'the limits are closed');
    if (this.#state === 'local') return null;
    const turn = this.#turn;
    try {
      return await work(this.#options.shared);
    } catch (error) {
      if (!isAway(error)) throw error;
      if (turn === this.#turn) this.#change('local', error);
      return null;
    }
  }

  close(): void {
    this.#closed = true;
    this.#cancelProbe?.();
  }

  #change(state: LimitsState, cause?: unknown): void {
    if (this.#closed) return;
    this.#state = state;
    this.#turn += 1;
    if (state === 'local') this.#probeLater();
    this.#options.onChange?.(state, cause);
  }

  #probeLater(): void {
    const { schedule = scheduleTimer, probeEveryMs = 1000 } = this.#options;
    this.#cancelProbe = schedule(() => void this.#probe(), probeEveryMs);
  }

  async #probe(): Promise<void> {
    const { ok } = await this.#options.shared.check().catch(() => ({ ok: false }));
    if (this.#closed) return;
    if (ok) this.#change('shared');
    else this.#probeLater();
  }
}

export function createDegradingRateLimits(options: DegradingOptions): DegradingRateLimits {
  const { shared, local } = options;
  const line = new Switch(options);
  return {
    state: () => line.state,

    async take(rule, key) {
      const answer = await line.ask((limits) => limits.take(rule, key));
      if (answer && !answer.allowed) return answer;
      const counted = await local.take(rule, key);
      return answer ?? counted;
    },

    async reset(rule, key) {
      await line.ask((limits) => limits.reset(rule, key));
      await local.reset(rule, key);
    },

    async hold(rule, key, leaseId) {
      const answer = await line.ask((limits) => limits.hold(rule, key, leaseId));
      if (answer && !answer.held) return answer;
      const counted = await local.hold(rule, key, leaseId);
      return answer ?? counted;
    },

    async release(rule, key, leaseId) {
      const answer = await line.ask((limits) => limits.release(rule, key, leaseId));
      const released = await local.release(rule, key, leaseId);
      return answer ?? released;
    },

    async check() {
      const checked = await line.ask(async (limits) => {
        const answer = await limits.check();
        if (!answer.ok)
          throw new RateLimitError('limits_unavailable', answer.why ?? 'the limits do not answer');
        return answer;
      });
      return checked ?? { ok: false, latencyMs: 0, why: 'limits are counted per process' };
    },

    async close() {
      line.close();
      await Promise.all([shared.close(), local.close()]);
    },
  };
}
