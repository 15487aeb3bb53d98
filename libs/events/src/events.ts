/**
 * Events and cache: what may be lost without harm. Truth is in stores; an event says "look again", the cache saves work and counts
 * for limits. All methods reject with `EventsError`.
 */

export interface SubscribeOptions {
  /** One event at a time, in the order in which one publisher published them. */
  readonly onEvent: (payload: unknown) => void | Promise<void>;
  /** Events may have been missed (a full queue, a lost connection): look at the truth. Comes before the events that follow. */
  readonly onGap: () => void | Promise<void>;
  /** What `onEvent` or `onGap` threw; delivery goes on. */
  readonly onError: (error: unknown) => void;
  /** Events that wait while `onEvent` is busy; beyond, the oldest are dropped and `onGap` is called. Default 1000. */
  readonly maxQueued?: number;
}

export interface Subscription {
  /** No handler starts after this has resolved; one that runs may still be running. */
  close(): Promise<void>;
}

export interface EventBus {
  /** At most once, to who is subscribed now. `payload` is JSON of at most 64 KiB. Resolves when handed over. */
  publish(topic: string, payload: unknown): Promise<void>;
  /** Resolves when events flow. While the server is away it resolves at once, and `onGap` is called when they do. */
  subscribe(topic: string, options: SubscribeOptions): Promise<Subscription>;
}

export interface Count {
  /** This one included. */
  readonly count: number;
  /** Until the count begins again. */
  readonly remainingMs: number;
}

/** Keys are 1 to 512 bytes; values are text. Entries may vanish early. */
export interface Cache {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, ttlMs: number): Promise<void>;
  /** Whether it was absent and is set now; of many at once, one wins. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** Counts within a window that begins with the first increment. Never mix with `set` on one key. */
  increment(key: string, ttlMs: number): Promise<Count>;
  /** Whether it was there. */
  delete(key: string): Promise<boolean>;
}

export interface EventsCheck {
  readonly ok: boolean;
  readonly latencyMs: number;
  readonly why?: string;
}

export interface Events {
  readonly bus: EventBus;
  readonly cache: Cache;
  /** For readiness; never rejects. */
  check(): Promise<EventsCheck>;
  /** Ends all subscriptions. Safe to call twice. */
  close(): Promise<void>;
}
