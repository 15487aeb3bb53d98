import { Redis } from 'ioredis';

const MAX_PAUSE_MS = 2000;

export interface ConnectionOptions {
  /** `redis://` or `rediss://`, credentials included; never logged. */
  readonly url: string;
  /** Longest wait for a connection, and for the answer to a command. */
  readonly timeoutMs: number;
}

/** Connects at once and again for ever, with a growing pause. Commands fail fast while there is no connection. */
export function connect({ url, timeoutMs }: ConnectionOptions): Redis {
  const redis = new Redis(url, {
    connectionName: 'lucid',
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    // How long a closed connection may linger and keep the process.
    disconnectTimeout: 100,
    maxRetriesPerRequest: 1,
    // Subscriptions are renewed by `RedisBus`, which must know when they are.
    autoResubscribe: false,
    retryStrategy: (times) => Math.min(25 * 2 ** Math.min(times, 10), MAX_PAUSE_MS),
  });
  // An error without a listener would end the process; each command reports its own.
  redis.on('error', () => undefined);
  return redis;
}
