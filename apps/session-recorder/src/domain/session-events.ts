/** Small events for whoever watches a session; losing one costs nothing but freshness. */
import type { Log } from '@lucid/service-kit';

/** The part of an event bus that is needed here. */
export interface EventPublisher {
  publish(channel: string, event: Readonly<Record<string, unknown>>): Promise<unknown>;
}

export type SessionEvents = (sessionId: string, event: Readonly<Record<string, unknown>>) => void;

export const createSessionEvents =
  (publisher: EventPublisher | undefined, log: Log): SessionEvents =>
  (sessionId, event) => {
    publisher
      ?.publish(`session/${sessionId}`, event)
      .catch((error: unknown) => log.debug({ sessionId, err: error }, 'an event was not published'));
  };
