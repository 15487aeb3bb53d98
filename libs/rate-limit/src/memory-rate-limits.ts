/** The port in memory: for one process, and for each process while the shared server is away. */
import { type Counted, type Leased, toLeaseDecision, toRateDecision } from './decisions.ts';
import { RateLimitError } from './errors.ts';
import { checkLeaseId, checkLeaseRule, checkLimitKey, checkRateRule } from './limit-form.ts';
import type { LeaseRule, RateLimits, RateRule } from './rate-limits.ts';
import { RecentMap } from './recent-map.ts';
import { SlidingLog } from './sliding-log.ts';

export interface MemoryRateLimitsOptions {
  /** Milliseconds, any origin. Where it goes backwards it is taken to stand still for that step. */
  readonly nowMs: () => number;
  /**
   * Keys of each rule; beyond, the count of the one that was idle longest is forgotten. Default 100,000. A key of a rule
   * with limit N costs about 200 bytes and 8 to 16 for each request in its window.
   */
  readonly maxKeysPerRule?: number;
}

interface RateState {
  readonly log: SlidingLog;
  blockedUntilMs: number;
  /** When nothing of it counts any more. */
  overAtMs: number;
}

/** Ends of leases by their id; at most `limit` of them. */
type LeaseState = Map<string, number>;

/** Never backwards, and goes on from where it was. */
function createForwardClock(nowMs: () => number): () => number {
  let last = -Infinity;
  let shift = 0;
  return () => {
    const raw = nowMs();
    if (raw + shift < last) shift = last - raw;
    last = raw + shift;
    return last;
  };
}

function count(state: RateState, rule: RateRule, now: number): Counted {
  const { log } = state;
  log.dropUntil(now - rule.windowMs);
  let blockedMs = Math.max(0, state.blockedUntilMs - now);
  const allowed = blockedMs === 0 && log.count < rule.limit;
  if (allowed) log.push(now);
  const begins = rule.block?.from === 'refusal' ? !allowed : allowed && log.count >= rule.limit;
  if (rule.block && begins && blockedMs === 0) {
    blockedMs = rule.block.durationMs;
    state.blockedUntilMs = now + blockedMs;
  }
  const emptyInMs = log.count > 0 ? log.at(log.count - 1) + rule.windowMs - now : 0;
  const freeInMs = log.count >= rule.limit ? log.at(log.count - rule.limit) + rule.windowMs - now : 0;
  state.overAtMs = now + Math.max(emptyInMs, blockedMs);
  return { allowed, count: log.count, emptyInMs, freeInMs, blockedMs };
}

function lease(leases: LeaseState, rule: LeaseRule, leaseId: string, now: number): Leased {
  let firstEndMs = Infinity;
  for (const [id, endMs] of leases) {
    if (endMs <= now) leases.delete(id);
    else firstEndMs = Math.min(firstEndMs, endMs);
  }
  const held = leases.has(leaseId) || leases.size < rule.limit;
  if (held) leases.set(leaseId, now + rule.leaseMs);
  return { held, count: leases.size, freeInMs: held ? 0 : firstEndMs - now };
}

export function createMemoryRateLimits(options: MemoryRateLimitsOptions): RateLimits {
  const now = createForwardClock(options.nowMs);
  const maxEntries = options.maxKeysPerRule ?? 100_000;
  const rates = new Map<string, RecentMap<RateState>>();
  const leases = new Map<string, RecentMap<LeaseState>>();
  let closed = false;

  const assertOpen = () => {
    if (closed) throw new RateLimitError('limits_unavailable', 'the limits are closed');
  };

  function ratesOf({ name }: RateRule): RecentMap<RateState> {
    const known = rates.get(name);
    if (known) return known;
    const made = new RecentMap<RateState>({ maxEntries, isOver: (state) => state.overAtMs <= now() });
    rates.set(name, made);
    return made;
  }

  function leasesOf({ name }: LeaseRule): RecentMap<LeaseState> {
    const known = leases.get(name);
    if (known) return known;
    const isOver = (state: LeaseState) => [...state.values()].every((endMs) => endMs <= now());
    const made = new RecentMap<LeaseState>({ maxEntries, isOver });
    leases.set(name, made);
    return made;
  }

  return {
    async take(rule, key) {
      assertOpen();
      checkRateRule(rule);
      checkLimitKey(key);
      const create = () => ({ log: new SlidingLog(), blockedUntilMs: -Infinity, overAtMs: -Infinity });
      return toRateDecision(rule, count(ratesOf(rule).use(key, create), rule, now()));
    },

    async reset(rule, key) {
      assertOpen();
      checkRateRule(rule);
      checkLimitKey(key);
      ratesOf(rule).delete(key);
    },

    async hold(rule, key, leaseId) {
      assertOpen();
      checkLeaseRule(rule);
      checkLimitKey(key);
      checkLeaseId(leaseId);
      const state = leasesOf(rule).use(key, () => new Map());
      return toLeaseDecision(rule, lease(state, rule, leaseId, now()));
    },

    async release(rule, key, leaseId) {
      assertOpen();
      checkLeaseRule(rule);
      checkLimitKey(key);
      checkLeaseId(leaseId);
      const state = leasesOf(rule).get(key);
      const endMs = state?.get(leaseId);
      state?.delete(leaseId);
      if (state?.size === 0) leasesOf(rule).delete(key);
      return endMs !== undefined && endMs > now();
    },

    async check() {
      return closed ? { ok: false, latencyMs: 0, why: 'the limits are closed' } : { ok: true, latencyMs: 0 };
    },

    async close() {
      closed = true;
      rates.clear();
      leases.clear();
    },
  };
}
