/** What adapters check of their arguments before they use them. */
import { RateLimitError } from './errors.ts';
import type { LeaseRule, RateRule } from './rate-limits.ts';

const NAME = /^[a-z][a-z0-9_]{0,63}$/;
const LEASE_ID = /^[!-~]{1,64}$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const MAX_LIMIT = 10_000;
const MAX_DURATION_MS = 86_400_000;
const MAX_KEY_BYTES = 512;

const isWhole = (value: number, max: number) => Number.isSafeInteger(value) && value >= 1 && value <= max;

function assertForm(holds: boolean, message: string): asserts holds {
  if (!holds) throw new RateLimitError('invalid_limit', message);
}

function checkName(name: string): void {
  assertForm(typeof name === 'string' && NAME.test(name), 'the rule has no valid name');
}

export function checkRateRule(rule: RateRule): void {
  checkName(rule.name);
  assertForm(isWhole(rule.limit, MAX_LIMIT), 'the limit must be 1 to 10,000');
  assertForm(isWhole(rule.windowMs, MAX_DURATION_MS), 'the window must be 1 ms to a day');
  if (rule.block === undefined) return;
  assertForm(isWhole(rule.block.durationMs, MAX_DURATION_MS), 'the block must be 1 ms to a day');
  const { from } = rule.block;
  assertForm(from === 'refusal' || from === 'last_place', 'a block begins at the refusal or the last place');
}

export function checkLeaseRule(rule: LeaseRule): void {
  checkName(rule.name);
  assertForm(isWhole(rule.limit, MAX_LIMIT), 'the limit must be 1 to 10,000');
  assertForm(isWhole(rule.leaseMs, MAX_DURATION_MS), 'the lease must be 1 ms to a day');
}

/** Lone surrogates would make two keys one. */
export function checkLimitKey(key: string): void {
  assertForm(typeof key === 'string' && key.length > 0, 'the key is empty');
  assertForm(key.length <= MAX_KEY_BYTES && Buffer.byteLength(key) <= MAX_KEY_BYTES, 'the key is too long');
  assertForm(!LONE_SURROGATE.test(key), 'the key is no well-formed text');
}

export function checkLeaseId(leaseId: string): void {
  assertForm(
    typeof leaseId === 'string' && LEASE_ID.test(leaseId),
    'the lease id must be 1 to 64 printable ASCII characters',
  );
}
