/** Counts failures of one account: five close it for 15 minutes. Counted before what is tried is judged, so that tries at the same time count, too. */
import { RATE_RULES, RateLimitError, type RateLimits } from '@lucid/rate-limit';
import { ProblemError } from '@lucid/service-kit';

/** Sign-ins count by themselves, and so do codes of who is signed in. */
type Tried = 'sign-in' | 'code';

const keyOf = (tried: Tried, address: string): string => (tried === 'code' ? `code:${address}` : address);

export class Tries {
  readonly #limits: RateLimits;

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  /** @throws ProblemError unavailable: without the count nobody gets in */
  take(tried: Tried, address: string) {
    return counted(this.#limits.take(RATE_RULES.lockout, keyOf(tried, address)));
  }

  /** What was tried was good. @throws ProblemError unavailable */
  forget(tried: Tried, address: string): Promise<void> {
    return counted(this.#limits.reset(RATE_RULES.lockout, keyOf(tried, address)));
  }
}

async function counted<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof RateLimitError) throw new ProblemError('unavailable', { cause });
    throw cause;
  }
}
