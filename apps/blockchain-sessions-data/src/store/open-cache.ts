/** The cache: in Redis where several processes share it, else in this process. */
import { type Cache, createMemoryEvents } from '@lucid/events';
import type { Config } from '../config.ts';

/** What is asked of a Redis that does not answer waits so long at most. */
const REDIS_TIMEOUT_MS = 250;

export interface OpenCache {
  readonly cache: Cache;
  close(): Promise<void>;
}

export async function openCache(
  { REDIS_URL: url, SESSIONS_DATA_CACHED: maxEntries }: Config,
  nowMs: () => number,
): Promise<OpenCache> {
  if (url === undefined) return createMemoryEvents({ nowMs, maxEntries });
  const { createRedisEvents } = await import('@lucid/events-redis');
  return createRedisEvents({ url, timeoutMs: REDIS_TIMEOUT_MS });
}
