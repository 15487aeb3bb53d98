import { Redis } from 'ioredis';

const MAX_PAUSE_MS = 2000;

export interface ConnectionOptions {
  /** `redis://` or `rediss://`, credentials included; never logged. */
  readonly url: string;
  /** Longest wait for a connection. */
  readonly timeoutMs: number;
}

/** Connects at once and again for ever, with a growing pause. Commands wait at most for one attempt to connect. */
export function connect({ url, timeoutMs }: ConnectionOptions): Redis {
  const redis = new Redis(url, {
    connectionName: 'lucid',
    connectTimeout: Math.max(timeoutMs, 1000),
    // How long a closed connection may linger and keep the process.
    disconnectTimeout: 100,
    maxRetriesPerRequest: 1,
    // A connection whose other end vanished without a word is given up.
    socketTimeout: Math.max(10 * timeoutMs, 1000),
    // A request that was written and not answered may have been counted: it is not sent again by itself.
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(25 * 2 ** Math.min(times, 10), MAX_PAUSE_MS),
  });
  // An error without a listener would end the process; each command reports its own.
  redis.on('error', () => undefined);
  return redis;
}
