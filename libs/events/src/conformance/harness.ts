import type { Events } from '../events.ts';

export interface OpenedEvents {
  readonly events: Events;
  /** Another client of the same bus and cache. The caller closes it. */
  openAgain(): Promise<Events>;
  /** Lets that much time pass for lifetimes. */
  elapse(ms: number): Promise<void>;
}

/** Opens an empty bus and cache. */
export interface EventsFactory {
  open(): Promise<OpenedEvents>;
}

export async function withEvents(
  factory: EventsFactory,
  work: (opened: OpenedEvents) => Promise<void>,
): Promise<void> {
  const opened = await factory.open();
  try {
    await work(opened);
  } finally {
    await opened.events.close();
  }
}
