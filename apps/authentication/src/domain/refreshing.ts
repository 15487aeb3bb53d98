/** What a refresh token is answered. */
import { isDocumentStoreError, type Stored } from '@lucid/document-store';
import { type Clock, ProblemError } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { LoginRow, Tables, UserRow } from '../store/rows.ts';
import type { AuditLog } from './audit-log.ts';
import { loginEndMs, standingOf } from './login-terms.ts';
import type { LiveLogin, Logins } from './logins.ts';
import type { NodeSecret } from './node-secret.ts';
import { parseRefreshToken, RETRY_MS, type RefreshToken, successorOf } from './refresh-tokens.ts';

const MOST_RACES = 12;

interface RefreshingOptions {
  readonly tables: Tables;
  readonly logins: Logins;
  readonly audit: AuditLog;
  readonly secret: NodeSecret;
  readonly clock: Clock;
}

export class Refreshing {
  readonly #options: RefreshingOptions;

  constructor(options: RefreshingOptions) {
    this.#options = options;
  }

  /** @throws ProblemError refresh_refused; which of the reasons it was stands in log and audit */
  async refresh(text: string, tell: (reason: string) => void): Promise<LiveLogin> {
    const token = parseRefreshToken(text);
    for (let races = 0; races < MOST_RACES; races += 1) {
      const outcome = token ? await this.#try(token) : 'no token of ours';
      if (outcome === null) continue;
      if (typeof outcome !== 'string') return outcome;
      tell(outcome);
      throw problem('refresh_refused');
    }
    throw new ProblemError('unavailable');
  }

  /** The login, why not, or null where it changed meanwhile. */
  async #try(token: RefreshToken): Promise<LiveLogin | string | null> {
    const { tables, clock, secret, audit } = this.#options;
    const stored = await tables.logins.get(token.loginId);
    if (!stored || stored.document.expiresAtMs <= clock.nowMs()) return 'no login of this token';
    const login = stored.document;
    const user = (await tables.users.get(login.address))?.document;
    if (user?.status !== 'active' || user.generation !== login.generation) {
      await audit.add({ event: 'refresh_refused', by: login.address, detail: { loginId: login.loginId } });
      return 'the account changed';
    }
    const refresh = successorOf(token, secret);
    if (token.hash === login.refreshHash) return this.#rotate(stored, user, refresh);
    const retried = clock.nowMs() - login.lastUsedAtMs <= RETRY_MS && token.hash === login.previousHash;
    if (retried) return { user, login, refresh };
    await this.#reused(login);
    return 'used before';
  }

  async #rotate(stored: Stored<LoginRow>, user: UserRow, refresh: RefreshToken): Promise<LiveLogin | null> {
    const { tables, clock } = this.#options;
    const now = clock.nowMs();
    const { document } = stored;
    const { role } = standingOf(user, document);
    const login: LoginRow = {
      ...document,
      lastUsedAtMs: now,
      expiresAtMs: loginEndMs(role, document.createdAtMs, now),
      refreshHash: refresh.hash,
      previousHash: document.refreshHash,
    };
    try {
      await tables.logins.replace(login, stored.version);
      return { user, login, refresh };
    } catch (error) {
      if (isDocumentStoreError(error, 'version_conflict')) return null;
      throw error;
    }
  }

  /** Somebody else has it, too: nobody can tell which of the two is the owner. */
  async #reused(login: LoginRow): Promise<void> {
    const { address, loginId } = login;
    await this.#options.audit.add({
      event: 'refresh_reused',
      by: 'unknown',
      about: address,
      detail: { loginId },
    });
    await this.#options.logins.end(login, 'service', 'refresh token used twice');
  }
}
