/** The port over one Redis: what several gateways count together. */
import {
  checkLeaseId,
  checkLeaseRule,
  checkLimitKey,
  checkRateRule,
  RateLimitError,
  type RateLimits,
  type RateLimitsCheck,
  toLeaseDecision,
  toRateDecision,
} from '@lucid/rate-limit';
import { createScripts, type Script, type Scripts } from './scripts.ts';

/** What is used of an ioredis `Redis` (6.0). It connects and reconnects by itself and has a listener for `error`. */
export interface RedisClient {
  readonly status: string;
  evalsha(sha1: string, keyCount: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  del(...keys: string[]): Promise<number>;
  ping(): Promise<string>;
  quit(): Promise<string>;
  disconnect(): void;
}

export interface RedisRateLimitsOptions {
  /** Closed by `close`. */
  readonly redis: RedisClient;
  /** Before every key. Default `lucid:`. */
  readonly prefix?: string;
  /** Deadline of each decision, all its round trips together. Default 100. */
  readonly timeoutMs?: number;
}

interface Call {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

const US_PER_MS = 1000;

/** The server has forgotten (restart, SCRIPT FLUSH) or never seen the script. */
const isUnknownScript = (error: unknown) => error instanceof Error && error.message.startsWith('NOSCRIPT');

async function evaluate(redis: RedisClient, { script, keys, args }: Call): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha1, keys.length, ...keys, ...args);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return redis.eval(script.text, keys.length, ...keys, ...args);
  }
}

/**
 * Rejects after `timeoutMs` whatever becomes of the work. Timers come before sockets in a turn of the loop: a process that stood still reads
 * what has arrived meanwhile, before it holds the server for silent.
 */
function withDeadline<R>(work: Promise<R>, timeoutMs: number): Promise<R> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new Error(`no answer in ${timeoutMs} ms`));
    const timer = setTimeout(() => setImmediate(giveUp), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** As `createRedisRateLimits`, with scripts that may read another clock. */
export function createRateLimitsOf(scripts: Scripts, options: RedisRateLimitsOptions): RateLimits {
  const { redis, prefix = 'lucid:', timeoutMs = 100 } = options;
  let closed = false;

  async function run<R>(work: () => Promise<R>): Promise<R> {
    if (closed) throw new RateLimitError('limits_unavailable', 'the limits are closed');
    try {
      return await withDeadline(work(), timeoutMs);
    } catch (cause) {
      // The driver's errors may hold the command with its arguments: they stay in the cause.
      throw new RateLimitError('limits_unavailable', 'Redis did not answer', { cause });
    }
  }

  /** The part in braces decides the slot of a cluster: keys of one decision share it. A rule's name holds no brace or colon. */
  const keyOf = (kind: string, rule: string, key: string) => `${prefix}rate_limit:{${rule}:${key}}:${kind}`;

  async function check(): Promise<RateLimitsCheck> {
    const started = performance.now();
    try {
      await run(() => redis.ping());
      return { ok: true, latencyMs: performance.now() - started };
    } catch (error) {
      const why = error instanceof RateLimitError ? error.message : 'Redis does not answer';
      return { ok: false, latencyMs: performance.now() - started, why };
    }
  }

  return {
    async take(rule, key) {
      checkRateRule(rule);
      checkLimitKey(key);
      const { name, limit, windowMs, block } = rule;
      const keys = [keyOf('log', name, key), keyOf('block', name, key)];
      const args = [limit, windowMs, block?.durationMs ?? 0, block?.from === 'last_place' ? 1 : 0];
      const answer = await run(() => evaluate(redis, { script: scripts.take, keys, args }));
      const [allowed, count, emptyUs, freeUs, blockedUs] = answer as [number, number, number, number, number];
      return toRateDecision(rule, {
        allowed: allowed === 1,
        count,
        emptyInMs: emptyUs / US_PER_MS,
        freeInMs: freeUs / US_PER_MS,
        blockedMs: blockedUs / US_PER_MS,
      });
    },

    async reset(rule, key) {
      checkRateRule(rule);
      checkLimitKey(key);
      await run(() => redis.del(keyOf('log', rule.name, key), keyOf('block', rule.name, key)));
    },

    async hold(rule, key, leaseId) {
      checkLeaseRule(rule);
      checkLimitKey(key);
      checkLeaseId(leaseId);
      const keys = [keyOf('leases', rule.name, key)];
      const args = [rule.limit, rule.leaseMs, leaseId];
      const answer = await run(() => evaluate(redis, { script: scripts.hold, keys, args }));
      const [held, count, freeUs] = answer as [number, number, number];
      return toLeaseDecision(rule, { held: held === 1, count, freeInMs: freeUs / US_PER_MS });
    },

    async release(rule, key, leaseId) {
      checkLeaseRule(rule);
      checkLimitKey(key);
      checkLeaseId(leaseId);
      const keys = [keyOf('leases', rule.name, key)];
      return (await run(() => evaluate(redis, { script: scripts.release, keys, args: [leaseId] }))) === 1;
    },

    check,

    async close() {
      if (closed) return;
      closed = true;
      // Decisions under way are answered first; without a connection there are none.
      if (redis.status === 'ready') await withDeadline(redis.quit(), timeoutMs).catch(() => undefined);
      redis.disconnect();
    },
  };
}

/** A server that is not there yet is no error: decisions are refused until it is. */
export function createRedisRateLimits(options: RedisRateLimitsOptions): RateLimits {
  return createRateLimitsOf(createScripts(), options);
}
