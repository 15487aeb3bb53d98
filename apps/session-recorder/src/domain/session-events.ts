/** Small events for whoever watches a session; losing one costs nothing but freshness. */
import type { EventBus } from '@lucid/events';
import type { Log } from '@lucid/service-kit';

export type SessionEvents = (sessionId: string, event: Readonly<Record<string, unknown>>) => void;

export const createSessionEvents =
  (bus: Pick<EventBus, 'publish'> | undefined, log: Log): SessionEvents =>
  (sessionId, event) => {
    bus
      ?.publish(`session.${sessionId}`, event)
      .catch((error: unknown) => log.debug({ sessionId, err: error }, 'an event was not published'));
  };
