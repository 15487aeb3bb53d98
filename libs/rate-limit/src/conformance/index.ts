/** The suite that every adapter of the port passes, on model time. For tests under jest only. */
import { describe } from '@jest/globals';
import type { RateLimitsFactory } from './harness.ts';
import { leaseSuite } from './leases.ts';
import { rateSuite } from './rates.ts';
import { slidingSuite } from './sliding.ts';

export type { OpenedRateLimits, RateLimitsFactory } from './harness.ts';

export interface SuiteOptions {
  /** Random arrival patterns. */
  readonly runs: number;
}

export function describeRateLimits(name: string, factory: RateLimitsFactory, { runs }: SuiteOptions): void {
  describe(`${name} as rate limits`, () => {
    describe('requests', () => rateSuite(factory));
    describe('any arrival pattern', () => slidingSuite(factory, runs));
    describe('leases', () => leaseSuite(factory));
  });
}
