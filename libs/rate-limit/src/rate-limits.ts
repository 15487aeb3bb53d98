/**
 * The port: who may still send, and who may still be connected.
 *
 * Requests are counted by a sliding log: the times of those that were let through and are younger than the window. Half-open:
 * what passed at t counts until t + windowMs, and at t + windowMs no longer. So no window of that length, wherever it
 * begins, ever holds more than `limit`, and a request is refused only where its window is full (or a block runs). What is
 * refused is not counted.
 */

export interface RateRule {
  /** `[a-z][a-z0-9_]{0,63}`; part of the stored key and of the `RateLimit` header. */
  readonly name: string;
  /** Requests in any window: 1 to 10,000. */
  readonly limit: number;
  /** Whole milliseconds, at most a day. */
  readonly windowMs: number;
  /** Refuses everything for a time, whatever the window says. What comes during a block does not make it longer. */
  readonly block?: {
    /** Whole milliseconds, at most a day. */
    readonly durationMs: number;
    /** `refusal`: begins with the first request too many. `last_place`: with the one that takes the last place; it passes. */
    readonly from: 'refusal' | 'last_place';
  };
}

export interface LeaseRule {
  readonly name: string;
  /** Leases at the same time: 1 to 10,000. */
  readonly limit: number;
  /** A lease that is not renewed ends after that time: whole milliseconds, at most a day. */
  readonly leaseMs: number;
}

export interface RateDecision {
  readonly allowed: boolean;
  readonly rule: string;
  readonly limit: number;
  readonly windowMs: number;
  /** Requests that would pass now. */
  readonly remaining: number;
  /** Milliseconds until the whole limit is there again, if nothing comes. */
  readonly resetMs: number;
  /** Milliseconds until one request would pass; 0 where this one did. */
  readonly retryAfterMs: number;
  /** Refused by a block, not by a full window. */
  readonly blocked: boolean;
}

export interface LeaseDecision {
  readonly held: boolean;
  readonly rule: string;
  readonly limit: number;
  readonly remaining: number;
  /** Until this lease ends unless it is renewed; 0 where it is not held. */
  readonly expiresInMs: number;
  /** Not held: until the first of the others ends if nobody renews it; else 0. */
  readonly retryAfterMs: number;
}

export interface RateLimitsCheck {
  readonly ok: boolean;
  readonly latencyMs: number;
  /** Present where `ok` is false; names no host and no secret. */
  readonly why?: string;
}

/**
 * Everything rejects with `RateLimitError`. Keys (a user's id, an address) are 1 to 512 bytes of UTF-8; two rules never share
 * a count. Counts are of use for a minute: a server may forget them when it restarts.
 */
export interface RateLimits {
  /** Counts one request if it may pass. */
  take(rule: RateRule, key: string): Promise<RateDecision>;
  /** Forgets what was counted under the rule, and its block: after a login that succeeded, or by an operator. */
  reset(rule: RateRule, key: string): Promise<void>;
  /**
   * Takes a place for `leaseId` (1 to 64 printable ASCII characters, unique to the connection) or renews it. A lease that was
   * lost (expired, server restarted) takes a place again if one is free. Renew about three times a `leaseMs`.
   */
  hold(rule: LeaseRule, key: string, leaseId: string): Promise<LeaseDecision>;
  /** Gives the place back; true if it was held. May be repeated. */
  release(rule: LeaseRule, key: string, leaseId: string): Promise<boolean>;
  check(): Promise<RateLimitsCheck>;
  close(): Promise<void>;
}
