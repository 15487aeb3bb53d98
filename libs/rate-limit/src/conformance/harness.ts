import type { RateLimits } from '../rate-limits.ts';

export interface OpenedRateLimits {
  readonly limits: RateLimits;
  /** Another client of the same counts. The caller closes it. */
  openAgain(): Promise<RateLimits>;
  /** Lets exactly that much time pass. Nothing else does. */
  elapse(ms: number): Promise<void>;
  /** Sets the clock of the counts back. */
  setBack(ms: number): Promise<void>;
}

/** Opens limits that have counted nothing, on a model clock. */
export interface RateLimitsFactory {
  open(): Promise<OpenedRateLimits>;
}

export async function withLimits(
  factory: RateLimitsFactory,
  work: (opened: OpenedRateLimits) => Promise<void>,
): Promise<void> {
  const opened = await factory.open();
  try {
    await work(opened);
  } finally {
    await opened.limits.close();
  }
}
