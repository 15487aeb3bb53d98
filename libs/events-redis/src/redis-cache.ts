import { type Cache, type Count, checkKey, checkTtl } from '@lucid/events';
import type { Redis } from 'ioredis';
import type { Run } from './redis-events.ts';

export interface RedisCacheOptions {
  readonly redis: Redis;
  readonly prefix: string;
  readonly run: Run;
}

/** Counts and sets the window in one step, so that no counter is left without an end. */
const INCREMENT = `
local count = redis.call('INCR', KEYS[1])
local remaining = redis.call('PTTL', KEYS[1])
if remaining < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  remaining = tonumber(ARGV[1])
end
return {count, remaining}`;

export class RedisCache implements Cache {
  readonly #options: RedisCacheOptions;

  constructor(options: RedisCacheOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<string | null> {
    return this.#run(key, (redis, name) => redis.get(name));
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    checkTtl(ttlMs);
    await this.#run(key, (redis, name) => redis.set(name, value, 'PX', ttlMs));
  }

  async setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean> {
    checkTtl(ttlMs);
    return this.#run(key, async (redis, name) => (await redis.set(name, value, 'PX', ttlMs, 'NX')) === 'OK');
  }

  async increment(key: string, ttlMs: number): Promise<Count> {
    checkTtl(ttlMs);
    const answer = await this.#run(key, (redis, name) => redis.eval(INCREMENT, 1, name, ttlMs));
    const [count, remainingMs] = answer as [number, number];
    return { count, remainingMs };
  }

  async delete(key: string): Promise<boolean> {
    return this.#run(key, async (redis, name) => (await redis.del(name)) === 1);
  }

  async #run<R>(key: string, work: (redis: Redis, name: string) => Promise<R>): Promise<R> {
    checkKey(key);
    const { redis, prefix, run } = this.#options;
    return run(() => work(redis, `${prefix}cache:${key}`));
  }
}
