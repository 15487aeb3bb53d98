/**
 * Logins: begun by a proof, kept alive by refresh tokens, ended. A login is taken with the user's row as it was read (compare-and-set),
 * so that nobody gets in beside a suspension, a code is used once and caps hold, whichever instance it comes to.
 */
import { ACCESS_TOKEN_SECONDS, PROFILE_ROLES } from '@lucid/access';
import { insertInto, isDocumentStoreError, removeFrom, replaceIn, type Stored } from '@lucid/document-store';
import { type Clock, ProblemError } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { ApiTokenRow, Device, LoginRow, Tables, UserRow } from '../store/rows.ts';
import type { AuditLog } from './audit-log.ts';
import { takeCode } from './authenticators.ts';
import type { Proof } from './challenges.ts';
import { crowdedOut, loginEndMs, standingOf } from './login-terms.ts';
import type { NodeSecret } from './node-secret.ts';
import { newRefreshToken, type RefreshToken } from './refresh-tokens.ts';
import { Refusal } from './refusal.ts';
import type { Revocations } from './revocations.ts';

const MOST_RACES = 12;
const PAGE = 1_000;

export interface LoginsOptions {
  readonly tables: Tables;
  readonly audit: AuditLog;
  readonly revocations: Revocations;
  readonly secret: NodeSecret;
  readonly clock: Clock;
  readonly random: (sizeBytes: number) => Uint8Array;
}

/** A login with its user, as both are stored, and the refresh token that is good for it. */
export interface LiveLogin {
  readonly user: UserRow;
  readonly login: LoginRow;
  readonly refresh: RefreshToken;
}

export interface Extras {
  readonly totp?: string | undefined;
  readonly device?: Device | undefined;
}

const raced = (error: unknown): boolean => isDocumentStoreError(error, 'version_conflict');

export class Logins {
  readonly #options: LoginsOptions;

  constructor(options: LoginsOptions) {
    this.#options = options;
  }

  /** @throws Refusal; ProblemError unavailable where the user's row is changed again and again */
  async begin(proof: Proof, extras: Extras): Promise<LiveLogin> {
    for (let races = 0; races < MOST_RACES; races += 1) {
      const stored = await this.#options.tables.users.get(proof.address);
      if (!stored || stored.document.status === 'invited') throw new Refusal('not-registered', proof.address);
      const live = await this.#tryToBegin(stored, proof, extras);
      if (live) return live;
    }
    throw new ProblemError('unavailable');
  }

  /** Null where the user's row changed meanwhile. */
  async #tryToBegin(stored: Stored<UserRow>, proof: Proof, extras: Extras): Promise<LiveLogin | null> {
    const { tables, clock, random, audit } = this.#options;
    const { address } = proof;
    const now = clock.nowMs();
    const judged = this.#judge(stored.document, proof, extras.totp);
    const user = { ...judged.user, lastLoginAtMs: now };
    const refresh = newRefreshToken(random);
    const fresh = { profile: proof.profile, secondFactor: judged.secondFactor };
    const { role } = standingOf(user, fresh);
    const login: LoginRow = {
      ...{ loginId: refresh.loginId, address, generation: user.generation, ...fresh },
      ...{ createdAtMs: now, lastUsedAtMs: now, expiresAtMs: loginEndMs(role, now, now) },
      ...{ device: extras.device, refreshHash: refresh.hash },
    };
    const ending = crowdedOut(await this.list(address), user.role);
    try {
      await tables.documents.batch([
        replaceIn(tables.users, user, stored.version),
        ...ending.map(({ loginId }) => removeFrom(tables.logins, loginId)),
        insertInto(tables.logins, login),
      ]);
    } catch (error) {
      if (raced(error)) return null;
      throw error;
    }
    for (const each of ending) await this.#ended(each, 'service', 'more logins than allowed');
    if (!tables.documents.atomicBatch) await this.#settle(login, user);
    if (judged.recovery) await audit.add({ event: 'recovery_code_used', by: address });
    await audit.add({ event: 'signed_in', by: address, detail: detailOf(login) });
    return { user, login, refresh };
  }

  /** @throws Refusal */
  #judge(user: UserRow, { address, profile }: Proof, code: string | undefined) {
    if (user.status === 'suspended') throw new Refusal('suspended', address);
    if (!PROFILE_ROLES[profile].has(user.role)) throw new Refusal('profile-not-allowed', address);
    if (!user.authenticator) return { user, secondFactor: false, recovery: false };
    if (code === undefined) throw new Refusal('totp-missing', address);
    const taken = takeCode(this.#options, user, code);
    if (!taken) throw new Refusal('totp-wrong', address);
    const { authenticator, recovery } = taken;
    return { user: { ...user, authenticator }, secondFactor: true, recovery };
  }

  /** Where user and login are not written in one: another login, or the end of all, may have come between. */
  async #settle(login: LoginRow, user: UserRow): Promise<void> {
    const now = await this.#options.tables.users.get(user.address);
    if (now?.document.generation !== user.generation) {
      await this.end(login, 'service', 'the account changed');
      throw new Refusal('suspended', user.address);
    }
    const others = (await this.list(user.address)).filter(({ loginId }) => loginId !== login.loginId);
    for (const each of crowdedOut(others, user.role))
      await this.end(each, 'service', 'more logins than allowed');
  }

  /** Those of an account that still are good. */
  async list(address: string): Promise<LoginRow[]> {
    const { tables, clock } = this.#options;
    const { items } = await tables.logins.find({
      index: 'address',
      equals: [address],
      reverse: true,
      limit: PAGE,
    });
    return items.map(({ document }) => document).filter(({ expiresAtMs }) => expiresAtMs > clock.nowMs());
  }

  /** Ends it for every service, then forgets it: cut off between the two it may be said again. */
  async end(login: LoginRow, by: string, why: string): Promise<void> {
    await this.#revoke(login.loginId);
    await this.#options.tables.logins.remove(login.loginId);
    await this.#tell(login, by, why);
  }

  async #ended(login: LoginRow, by: string, why: string): Promise<void> {
    await this.#revoke(login.loginId);
    await this.#tell(login, by, why);
  }

  #revoke(loginId: string): Promise<void> {
    const { revocations, clock } = this.#options;
    return revocations.add(loginId, clock.nowMs() + ACCESS_TOKEN_SECONDS * 1000);
  }

  #tell({ address, loginId }: Pick<LoginRow, 'address' | 'loginId'>, by: string, why: string): Promise<void> {
    return this.#options.audit.add({ event: 'login_ended', by, about: address, detail: { loginId, why } });
  }

  /**
   * The login that asks. Forgotten before it is ended for every service: cut off between the two, whoever asked can ask again, and
   * nobody can refresh. Good also where it has ended already.
   */
  async endCurrent(address: string, loginId: string): Promise<void> {
    const there = await this.#options.tables.logins.remove(loginId);
    await this.#revoke(loginId);
    if (there) await this.#tell({ address, loginId }, address, 'signed out');
  }

  /** @throws ProblemError login_unknown where it is not one of the account's */
  async endOwn(address: string, loginId: string): Promise<void> {
    const stored = await this.#options.tables.logins.get(loginId);
    if (stored?.document.address !== address) throw problem('login_unknown');
    await this.end(stored.document, address, 'signed out');
  }

  async endOthers(address: string, loginId: string, why: string): Promise<void> {
    for (const each of await this.list(address))
      if (each.loginId !== loginId) await this.end(each, address, why);
  }

  /** A login whose code has been judged otherwise than at its beginning. */
  async showSecondFactor(loginId: string): Promise<void> {
    const { logins } = this.#options.tables;
    for (let races = 0; races < MOST_RACES; races += 1) {
      const stored = await logins.get(loginId);
      if (!stored) return;
      try {
        await logins.replace({ ...stored.document, secondFactor: true }, stored.version);
        return;
      } catch (error) {
        if (!raced(error)) throw error;
      }
    }
    throw new ProblemError('unavailable');
  }

  /**
   * Ends every login and token that is not of the user's generation. What is cut off is found again by `ending`.
   * New ones of the old generation cannot come: they are made with, or compared with, the user's row.
   */
  async endAll(address: string): Promise<void> {
    const { users } = this.#options.tables;
    const stored = await users.get(address);
    if (!stored?.document.ending) return;
    for (const login of await this.list(address))
      if (login.generation !== stored.document.generation)
        await this.end(login, 'service', 'the account changed');
    for (const token of await this.#tokensOf(address))
      if (token.generation !== stored.document.generation) await this.revokeToken(token, 'service');
    const { ending: _done, ...user } = stored.document;
    try {
      await users.replace(user, stored.version);
    } catch (error) {
      // Changed meanwhile: whoever did it, or the next sweep, goes on.
      if (!raced(error)) throw error;
    }
  }

  async #tokensOf(address: string): Promise<readonly ApiTokenRow[]> {
    const { items } = await this.#options.tables.apiTokens.find({
      index: 'address',
      equals: [address],
      limit: PAGE,
    });
    return items.map(({ document }) => document);
  }

  async revokeToken({ tokenId, address, expiresAtMs }: ApiTokenRow, by: string): Promise<void> {
    const { revocations, tables, audit } = this.#options;
    await revocations.add(tokenId, expiresAtMs);
    await tables.apiTokens.remove(tokenId);
    await audit.add({ event: 'token_revoked', by, about: address, detail: { tokenId } });
  }
}

const detailOf = ({ loginId, profile, device, secondFactor }: LoginRow) => ({
  ...{ loginId, profile, secondFactor },
  ...(device ? { device: device.type } : {}),
});
