/**
 * Places that are held for as long as somebody is there: of connections (one for each connection and account), and of the
 * single session of a user at a screen (one for each login). Leases that gateways share; renewed by `renew`, which is called
 * about three times a lease. Between two renewals a place that is held costs nothing.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { LeaseDecision, LeaseRule, RateLimits } from '@lucid/rate-limit';

export interface Place {
  readonly rule: LeaseRule;
  readonly key: string;
}

interface Connection {
  readonly leaseId: string;
  readonly places: Map<string, Place>;
  /** The one that was asked for last, which is mostly the next one, too. */
  last: Place | undefined;
  /** Ends it, where its place was lost and none is free. */
  readonly end: () => void;
}

interface Session {
  readonly rule: LeaseRule;
  readonly key: string;
  readonly leaseId: string;
  renewedAtMs: number;
}

/** A login without a request for so long has left the screen, unless a stream of it runs. */
const RENEW_AFTER_MS = 10_000;
const LEASE_ID = /^[!-~]{1,64}$/;

const leaseIdOf = (loginId: string): string =>
  LEASE_ID.test(loginId) ? loginId : createHash('sha256').update(loginId).digest('hex');

export class Places {
  readonly #limits: RateLimits;
  readonly #nowMs: () => number;
  readonly #connections = new Map<object, Connection>();
  readonly #sessions = new Map<string, Session>();

  constructor(options: { limits: RateLimits; nowMs: () => number }) {
    this.#limits = options.limits;
    this.#nowMs = options.nowMs;
  }

  /** `connection` may hold places from now on, until `closed`. */
  opened(connection: object, end: () => void): void {
    this.#connections.set(connection, { leaseId: randomUUID(), places: new Map(), last: undefined, end });
  }

  async closed(connection: object): Promise<void> {
    const known = this.#connections.get(connection);
    this.#connections.delete(connection);
    for (const { rule, key } of known?.places.values() ?? [])
      await this.#limits.release(rule, key, known?.leaseId ?? '');
  }

  /** Whether `take` and `takeSession` need not be asked. */
  areHeld(connection: object, rule: LeaseRule, key: string, session: string | undefined): boolean {
    const last = this.#connections.get(connection)?.last;
    if (last?.rule !== rule || last.key !== key) return false;
    if (session === undefined) return true;
    const known = this.#sessions.get(session);
    return known !== undefined && this.#nowMs() - known.renewedAtMs < RENEW_AFTER_MS;
  }

  /** Null where it is held; else the decision that says no. */
  async take(connection: object, place: Place): Promise<LeaseDecision | null> {
    const known = this.#connections.get(connection);
    if (!known) return null;
    const { rule, key } = place;
    const name = `${rule.name} ${key}`;
    if (!known.places.has(name)) {
      const decision = await this.#limits.hold(rule, key, known.leaseId);
      if (!decision.held) return decision;
      // It closed meanwhile: nobody would give the place back.
      if (!this.#connections.has(connection)) {
        await this.#limits.release(rule, key, known.leaseId);
        return null;
      }
      known.places.set(name, place);
    }
    known.last = place;
    return null;
  }

  async takeSession(rule: LeaseRule, key: string, loginId: string): Promise<LeaseDecision | null> {
    const leaseId = leaseIdOf(loginId);
    const decision = await this.#limits.hold(rule, key, leaseId);
    if (decision.held) this.#sessions.set(loginId, { rule, key, leaseId, renewedAtMs: this.#nowMs() });
    else this.#sessions.delete(loginId);
    return decision.held ? null : decision;
  }

  /** The login ended: another may begin at once. */
  async endSession(loginId: string): Promise<void> {
    const known = this.#sessions.get(loginId);
    this.#sessions.delete(loginId);
    if (known) await this.#limits.release(known.rule, known.key, known.leaseId);
  }

  /** Goes on holding what connections hold, and the sessions of `running` logins. */
  async renew(running: ReadonlySet<string>): Promise<void> {
    const now = this.#nowMs();
    for (const [loginId, { rule, key, renewedAtMs }] of this.#sessions) {
      if (running.has(loginId)) await this.takeSession(rule, key, loginId);
      else if (now - renewedAtMs > rule.leaseMs) this.#sessions.delete(loginId);
    }
    await Promise.all([...this.#connections.values()].map((each) => this.#renewConnection(each)));
  }

  async #renewConnection({ places, leaseId, end }: Connection): Promise<void> {
    for (const { rule, key } of places.values()) {
      const { held } = await this.#limits.hold(rule, key, leaseId);
      if (!held) end();
    }
  }

  get connections(): number {
    return this.#connections.size;
  }
}
