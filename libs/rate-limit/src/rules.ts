/**
 * The numbers, as data. Profiles are those of the three GUIs; where an older document has other numbers for them
 * (inner limits of 60 and 100 a minute), these win.
 */
import type { LeaseRule, RateRule } from './rate-limits.ts';

const MINUTE_MS = 60_000;
/** Three missed renewals at one in ten seconds give a dead gateway's connections back. */
const CONNECTION_LEASE_MS = 30_000;

const perMinute = <const N extends string>(name: N, limit: number) =>
  ({ name, limit, windowMs: MINUTE_MS }) as const;

/** Requests. Keyed by user, except `public`, `login` and `register`, which are keyed by IP address. */
export const RATE_RULES = {
  admin: perMinute('admin', 1000),
  user: perMinute('user', 500),
  node: perMinute('node', 800),
  public: perMinute('public', 100),
  login: { ...perMinute('login', 10), block: { durationMs: 300_000, from: 'refusal' } },
  register: { ...perMinute('register', 5), block: { durationMs: 600_000, from: 'refusal' } },
  refresh: perMinute('refresh', 30),
  /**
   * Failed logins of one account by who can sign for it: `take` before the code is checked (so that parallel tries are counted,
   * too), `reset` when it was good. The fifth try still is checked; if it fails, too, nothing is for 15 minutes.
   */
  lockout: {
    name: 'lockout',
    limit: 5,
    windowMs: 15 * MINUTE_MS,
    block: { durationMs: 15 * MINUTE_MS, from: 'last_place' },
  },
  session_create: perMinute('session_create', 10),
  session_status: perMinute('session_status', 100),
  chunk_operations: perMinute('chunk_operations', 1000),
  bulk_operations: perMinute('bulk_operations', 5),
  chain_query: perMinute('chain_query', 500),
} as const satisfies Record<string, RateRule>;

/** Connections, and sessions in the sense of a user at a screen. Keyed by user. */
export const LEASE_RULES = {
  admin_connections: { name: 'admin_connections', limit: 100, leaseMs: CONNECTION_LEASE_MS },
  user_connections: { name: 'user_connections', limit: 50, leaseMs: CONNECTION_LEASE_MS },
  node_connections: { name: 'node_connections', limit: 75, leaseMs: CONNECTION_LEASE_MS },
  user_session: { name: 'user_session', limit: 1, leaseMs: CONNECTION_LEASE_MS },
} as const satisfies Record<string, LeaseRule>;

export interface ProfileLimits {
  readonly requests: RateRule;
  readonly connections: LeaseRule;
  /** Null: several sessions. */
  readonly sessions: LeaseRule | null;
}

export const PROFILE_LIMITS = {
  admin: { requests: RATE_RULES.admin, connections: LEASE_RULES.admin_connections, sessions: null },
  user: {
    requests: RATE_RULES.user,
    connections: LEASE_RULES.user_connections,
    sessions: LEASE_RULES.user_session,
  },
  node: { requests: RATE_RULES.node, connections: LEASE_RULES.node_connections, sessions: null },
} as const satisfies Record<string, ProfileLimits>;
