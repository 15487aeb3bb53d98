/** Access tokens that live long, for programs and auditors: never worth more than the login that made them. */
import type { TokenScope } from '@lucid/access';
import type { Clock, SignedInAccount } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { ApiTokenRow, Tables } from '../store/rows.ts';
import type { AuditLog } from './audit-log.ts';
import type { Logins } from './logins.ts';
import { newShownId } from './shown-id.ts';
import type { SigningKeys } from './signing-keys.ts';

const MOST_TOKENS = 100;

export interface TokenAsked {
  readonly name: string;
  readonly scope: TokenScope;
  readonly sessionId?: string | undefined;
  readonly expiresInSeconds: number;
}

interface ApiTokensOptions {
  readonly tables: Tables;
  readonly logins: Logins;
  readonly keys: SigningKeys;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: (sizeBytes: number) => Uint8Array;
}

/** A stranger who is handed a token of scope `proof` reads in it no more than what it needs. */
const standingOf = ({ role, profile }: SignedInAccount, scope: TokenScope) =>
  scope === 'proof' ? ({ role: 'OBSERVER', profile: 'user' } as const) : { role, profile };

export class ApiTokens {
  readonly #options: ApiTokensOptions;

  constructor(options: ApiTokensOptions) {
    this.#options = options;
  }

  /** @throws ProblemError invalid_request, limit_reached, unauthenticated where the login has ended meanwhile */
  async make(account: SignedInAccount, asked: TokenAsked): Promise<{ row: ApiTokenRow; token: string }> {
    if (asked.sessionId !== undefined && asked.scope !== 'proof')
      throw problem('invalid_request', { detail: 'A token for one session has the scope proof.' });
    const { tables, keys, audit, clock, random } = this.#options;
    const generation = await this.#generationOf(account);
    const { address } = account;
    if ((await this.list(address)).length >= MOST_TOKENS) throw problem('limit_reached');
    const tokenId = newShownId(random);
    const iat = Math.floor(clock.nowMs() / 1000);
    const exp = iat + asked.expiresInSeconds;
    const { name, scope, sessionId } = asked;
    const standing = standingOf(account, scope);
    const row: ApiTokenRow = {
      ...{ tokenId, address, name, scope, sessionId, generation, role: standing.role },
      ...{ createdAtMs: iat * 1000, expiresAtMs: exp * 1000 },
    };
    const session = sessionId === undefined ? {} : { session: sessionId };
    const claims = { sub: address, ...standing, scope, ...session };
    const token = await keys.signLasting({ ...claims, lid: tokenId, jti: tokenId, iat, exp });
    await tables.apiTokens.insert(row);
    // Whoever ended all tokens at the same time either has seen this one, or is seen here.
    if ((await this.#generationOf(account)) !== generation) {
      await this.#options.logins.revokeToken(row, 'service');
      throw problem('unauthenticated');
    }
    await audit.add({
      event: 'token_made',
      by: address,
      detail: { tokenId, scope, ...(sessionId ? { sessionId } : {}) },
    });
    return { row, token };
  }

  /** Of a login that still is one; its access token alone may be some minutes behind. */
  async #generationOf({ address, loginId }: SignedInAccount): Promise<number> {
    const { tables } = this.#options;
    const [user, login] = await Promise.all([tables.users.get(address), tables.logins.get(loginId)]);
    if (user?.document.status !== 'active' || login?.document.generation !== user.document.generation)
      throw problem('unauthenticated', { detail: 'The login has ended; sign in again.' });
    return user.document.generation;
  }

  /** Newest first. */
  async list(address: string): Promise<ApiTokenRow[]> {
    const { tables, clock } = this.#options;
    const found = await tables.apiTokens.find({
      index: 'address',
      equals: [address],
      reverse: true,
      limit: 1_000,
    });
    return found.items
      .map(({ document }) => document)
      .filter(({ expiresAtMs }) => expiresAtMs > clock.nowMs());
  }

  /** @throws ProblemError token_unknown where it is not one of the account's */
  async revoke(address: string, tokenId: string): Promise<void> {
    const stored = await this.#options.tables.apiTokens.get(tokenId);
    if (stored?.document.address !== address) throw problem('token_unknown');
    await this.#options.logins.revokeToken(stored.document, address);
  }
}
