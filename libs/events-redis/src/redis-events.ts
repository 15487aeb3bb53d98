import { type Events, type EventsCheck, EventsError } from '@lucid/events';
import { connect } from './connection.ts';
import { RedisBus } from './redis-bus.ts';
import { RedisCache } from './redis-cache.ts';

export interface RedisEventsOptions {
  /** `redis://` or `rediss://`, credentials included; never logged. */
  readonly url: string;
  /** Before every key and channel. Default `lucid:`. */
  readonly prefix?: string;
  /** Longest wait for the server. Default 1000. */
  readonly timeoutMs?: number;
}

/** Runs a call to the server and maps its errors. */
export type Run = <R>(work: () => Promise<R>) => Promise<R>;

/** Connects in the background; a server that is not there yet is no error. Close it to end the process. */
export function createRedisEvents({ url, prefix = 'lucid:', timeoutMs = 1000 }: RedisEventsOptions): Events {
  const redis = connect({ url, timeoutMs });
  const subscriber = connect({ url, timeoutMs });
  let closed = false;

  const run: Run = async (work) => {
    if (closed) throw new EventsError('events_unavailable', 'the event bus is closed');
    try {
      return await work();
    } catch (cause) {
      // The driver's errors may hold the command with its arguments: they stay in the cause.
      throw new EventsError('events_unavailable', 'Redis did not answer', { cause });
    }
  };

  const bus = new RedisBus({ publisher: redis, subscriber, prefix, run });
  const cache = new RedisCache({ redis, prefix, run });

  async function check(): Promise<EventsCheck> {
    const started = performance.now();
    try {
      await run(() => redis.ping());
      return { ok: true, latencyMs: performance.now() - started };
    } catch (error) {
      const why = error instanceof EventsError ? error.message : 'Redis does not answer';
      return { ok: false, latencyMs: performance.now() - started, why };
    }
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    bus.close();
    subscriber.disconnect();
    // Commands under way are answered first; without a connection there are none.
    if (redis.status === 'ready') await redis.quit().catch(() => undefined);
    redis.disconnect();
  }

  return { bus, cache, check, close };
}
