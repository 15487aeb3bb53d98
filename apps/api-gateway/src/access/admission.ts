/**
 * Who may send this request now. In this order: whose it is (a token, else the sender's address), whether connection and
 * session have a place, whether it is within its rate, whether there is what it asks for and its profile reaches it.
 * Places come before the rate: what finds none must not use up the count of those that have one.
 */
import { type Profile, permits, reachesAll } from '@lucid/access';
import type { PublicLimit } from '@lucid/contracts';
import {
  type LeaseRule,
  PROFILE_LIMITS,
  type ProfileLimits,
  RATE_RULES,
  type RateDecision,
  RateLimitError,
  type RateRule,
  toRateLimitHeaders,
} from '@lucid/rate-limit';
import { type AccountVerifier, isProblem, type SignedInAccount } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { JudgedLines } from '../requests/incoming.ts';
import type { Peer } from '../requests/peers.ts';
import type { Limits } from './limits.ts';
import type { Place, Places } from './places.ts';

export interface Ask {
  readonly lines: JudgedLines;
  readonly peer: Peer;
  /** Holds the connection's places. */
  readonly connection: object;
  /** Null: there is no such path. */
  readonly service: string | null;
  readonly publicLimit: PublicLimit | null;
}

/** What is known of a request as its admission goes on; what was found stays where it is refused. */
export interface Admission {
  account: SignedInAccount | undefined;
  /** Header lines of the answer, names and values in turns. */
  headers: readonly string[];
  /** Refused for want of a place, so uncounted: its connection ends, that it costs no less than a new one to ask again. */
  withoutPlace: boolean;
}

export interface AdmissionJudge {
  /** Fills `admission` in. @throws ProblemError unauthenticated, forbidden, not_found, too_many_requests, unavailable */
  admit(ask: Ask, admission: Admission): Promise<void>;
  /** For the gateway's own readiness and metrics. @throws ProblemError */
  admitOperator(ask: Ask, admission: Admission): Promise<void>;
  /** Whether who was admitted still is; of requests that go on for long. */
  isStillAdmitted(account: SignedInAccount): Promise<boolean>;
}

const BEARER = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i;

/** The narrower of the token's profile and the sender's. */
function limitsOf(profiles: readonly Profile[]): ProfileLimits {
  const all = profiles.map((each) => PROFILE_LIMITS[each] as ProfileLimits);
  return all.reduce((a, b) => (b.requests.limit < a.requests.limit ? b : a));
}

const profilesOf = (account: SignedInAccount, peer: Peer): readonly Profile[] =>
  peer.profile === undefined ? [account.profile] : [account.profile, peer.profile];

function linesOf(decision: RateDecision): readonly string[] {
  const headers = toRateLimitHeaders(decision);
  const retryAfter = headers['retry-after'];
  const lines = ['ratelimit', headers.ratelimit, 'ratelimit-policy', headers['ratelimit-policy']];
  return retryAfter === undefined ? lines : [...lines, 'retry-after', retryAfter];
}

export class Admissions implements AdmissionJudge {
  readonly #accounts: AccountVerifier;
  readonly #limits: Limits;
  readonly #places: Places;

  constructor(options: { accounts: AccountVerifier; limits: Limits; places: Places }) {
    this.#accounts = options.accounts;
    this.#limits = options.limits;
    this.#places = options.places;
  }

  async admit(ask: Ask, admission: Admission): Promise<void> {
    const { peer, service, publicLimit } = ask;
    if (publicLimit !== null) return this.#takeAnonymous(publicLimit, peer, admission);
    const account = await this.#identify(ask, admission);
    const profiles = profilesOf(account, peer);
    const limits = limitsOf(profiles);
    const reached = service !== null && reachesAll(profiles, service);
    if (reached && !this.#hasPlaces(ask, account, limits))
      await this.#takePlaces(ask, account, limits, admission);
    this.#judge(await this.#limits.counted.take(limits.requests, account.address), admission);
    if (service === null) throw problem('not_found');
    if (!reached) throw problem('forbidden', { detail: 'This profile does not reach the service.' });
  }

  async admitOperator(ask: Ask, admission: Admission): Promise<void> {
    const { peer } = ask;
    // A Unix socket in a private folder.
    if (peer.address === '') return;
    const account = await this.#identify(ask, admission);
    const { requests } = limitsOf(profilesOf(account, peer));
    this.#judge(await this.#limits.counted.take(requests, account.address), admission);
    if (
      !permits(account, 'view_system_metrics') ||
      profilesOf(account, peer).some((each) => each !== 'admin')
    )
      throw problem('forbidden');
  }

  async isStillAdmitted(account: SignedInAccount): Promise<boolean> {
    try {
      await this.#accounts.verify(account.token);
      return true;
    } catch (error) {
      return !isProblem(error, 'unauthenticated');
    }
  }

  /** The account of a valid token. What has none is counted by its address before it is refused. */
  async #identify({ lines, peer }: Ask, admission: Admission): Promise<SignedInAccount> {
    let account: SignedInAccount;
    try {
      const [, token] = BEARER.exec(lines.authorization ?? '') ?? [];
      if (token === undefined) throw problem('unauthenticated', { detail: 'Sign in first.' });
      const verified = this.#accounts.verify(token);
      account = verified instanceof Promise ? await verified : verified;
    } catch (error) {
      await this.#takeAnonymous('public', peer, admission);
      throw error;
    }
    admission.account = account;
    return account;
  }

  async #takeAnonymous(limit: PublicLimit, peer: Peer, admission: Admission): Promise<void> {
    const limits = limit === 'public' ? this.#limits.counted : this.#limits.strict;
    this.#judge(await takeFrom(limits, RATE_RULES[limit], peer.key), admission);
  }

  #judge(decision: RateDecision, admission: Admission): void {
    admission.headers = linesOf(decision);
    if (!decision.allowed)
      throw problem('too_many_requests', { extensions: { retryAfterMs: decision.retryAfterMs } });
  }

  #hasPlaces({ connection }: Ask, account: SignedInAccount, limits: ProfileLimits): boolean {
    const { address, loginId } = account;
    const session = sessionOf(account, limits) && loginId;
    return this.#places.areHeld(connection, limits.connections, address, session);
  }

  async #takePlaces(
    { connection }: Ask,
    account: SignedInAccount,
    limits: ProfileLimits,
    admission: Admission,
  ): Promise<void> {
    const { address, loginId } = account;
    const session = sessionOf(account, limits);
    const refusal =
      (await this.#refusalOfConnection(connection, { rule: limits.connections, key: address })) ??
      (await this.#refusalOfSession(session, address, loginId));
    if (refusal === null) return;
    admission.withoutPlace = true;
    throw refusal;
  }

  async #refusalOfSession(session: LeaseRule | undefined, address: string, loginId: string) {
    const missed = session && (await this.#places.takeSession(session, address, loginId));
    return missed ? tooMany('Another login of this account is in use.', missed.retryAfterMs) : null;
  }

  async #refusalOfConnection(connection: object, place: Place) {
    const missed = await this.#places.take(connection, place);
    return missed && tooMany('Too many connections of this account.', missed.retryAfterMs);
  }
}

/** API tokens are no screens. */
const sessionOf = ({ scope }: SignedInAccount, { sessions }: ProfileLimits): LeaseRule | undefined =>
  sessions && scope === undefined ? sessions : undefined;

const tooMany = (detail: string, retryAfterMs: number) =>
  problem('too_many_requests', { detail, extensions: { retryAfterMs: Math.max(1, retryAfterMs) } });

async function takeFrom(limits: Limits['strict'], rule: RateRule, key: string): Promise<RateDecision> {
  try {
    return await limits.take(rule, key);
  } catch (cause) {
    if (!(cause instanceof RateLimitError)) throw cause;
    throw problem('unavailable', { extensions: { retryAfterMs: 1_000 }, cause });
  }
}
