import { Delivery } from './delivery.ts';
import { EventsError } from './errors.ts';
import { checkTopic, payloadToJson } from './event-form.ts';
import type { Events, EventsCheck, SubscribeOptions, Subscription } from './events.ts';
import { MemoryCache } from './memory-cache.ts';

export interface MemoryEventsOptions {
  readonly nowMs: () => number;
  /** Of the cache. Default 100,000. */
  readonly maxEntries?: number;
}

/** Events and cache of one process. */
export function createMemoryEvents({ nowMs, maxEntries }: MemoryEventsOptions): Events {
  const topics = new Map<string, Set<Delivery>>();
  let closed = false;
  const assertOpen = (): void => {
    if (closed) throw new EventsError('events_unavailable', 'the event bus is closed');
  };
  const cache = new MemoryCache({ nowMs, maxEntries, assertOpen });

  async function publish(topic: string, payload: unknown): Promise<void> {
    assertOpen();
    checkTopic(topic);
    const json = payloadToJson(payload);
    for (const delivery of topics.get(topic) ?? []) delivery.push(json);
  }

  async function subscribe(topic: string, options: SubscribeOptions): Promise<Subscription> {
    assertOpen();
    checkTopic(topic);
    const delivery = new Delivery(options);
    const deliveries = topics.get(topic) ?? new Set();
    topics.set(topic, deliveries.add(delivery));
    return {
      async close() {
        delivery.close();
        deliveries.delete(delivery);
        if (deliveries.size === 0 && topics.get(topic) === deliveries) topics.delete(topic);
      },
    };
  }

  return {
    bus: { publish, subscribe },
    cache,
    check: async (): Promise<EventsCheck> =>
      closed ? { ok: false, latencyMs: 0, why: 'the event bus is closed' } : { ok: true, latencyMs: 0 },
    async close() {
      closed = true;
      for (const deliveries of topics.values()) for (const delivery of deliveries) delivery.close();
      topics.clear();
      cache.clear();
    },
  };
}
