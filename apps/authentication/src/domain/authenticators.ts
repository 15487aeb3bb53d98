/** Second factors of accounts: set up, judged at a sign-in, removed. */
import { isDocumentStoreError, type Stored } from '@lucid/document-store';
import type { Clock, SignedInAccount } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { Authenticator, Tables, UserRow } from '../store/rows.ts';
import type { AuditLog } from './audit-log.ts';
import type { Logins } from './logins.ts';
import { type NodeSecret, sha256Text } from './node-secret.ts';
import { base32, otpauthUri, stepOfCode } from './totp.ts';
import type { Tries } from './tries.ts';

const SECRET_BYTES = 20;
const ENROLMENT_MS = 600_000;
const RECOVERY_CODES = 10;
const boxOf = (address: string) => `totp ${address}`;

export interface AuthenticatorsOptions {
  readonly tables: Tables;
  readonly secret: NodeSecret;
  readonly clock: Clock;
  readonly random: (sizeBytes: number) => Uint8Array;
  readonly audit: AuditLog;
  readonly logins: Logins;
  readonly tries: Tries;
}

/** Judges a code; what it answers must be stored, or the code could be used again. Null where the code is not right. */
export function takeCode(
  options: Pick<AuthenticatorsOptions, 'secret' | 'clock'>,
  { address, authenticator }: UserRow,
  code: string,
): { readonly authenticator: Authenticator; readonly recovery: boolean } | null {
  if (!authenticator) return null;
  const hash = sha256Text(code);
  if (authenticator.recovery.includes(hash)) {
    const recovery = authenticator.recovery.filter((each) => each !== hash);
    return { authenticator: { ...authenticator, recovery }, recovery: true };
  }
  const secret = options.secret.open(boxOf(address), authenticator.secret);
  const step = stepOfCode({ secret, code, nowMs: options.clock.nowMs(), lastStep: authenticator.lastStep });
  return step === null ? null : { authenticator: { ...authenticator, lastStep: step }, recovery: false };
}

export class Authenticators {
  readonly #options: AuthenticatorsOptions;

  constructor(options: AuthenticatorsOptions) {
    this.#options = options;
  }

  /** @throws ProblemError totp_state where one is confirmed already */
  async begin({ address }: SignedInAccount) {
    const { random, clock, secret: node, audit } = this.#options;
    const stored = await this.#user(address);
    if (stored.document.authenticator)
      throw problem('totp_state', { detail: 'Remove the one there is first.' });
    const secret = random(SECRET_BYTES);
    const expiresAtMs = clock.nowMs() + ENROLMENT_MS;
    const enrolment = { secret: node.seal(boxOf(address), secret), expiresAtMs };
    await this.#replace(stored, { ...stored.document, enrolment });
    await audit.add({ event: 'totp_begun', by: address });
    return {
      secret: base32(secret),
      uri: otpauthUri(secret, address),
      expiresAt: Math.floor(expiresAtMs / 1000),
    };
  }

  /**
   * The login that confirms has shown the second factor by it, and gets its whole role at its next refresh; the others end.
   * @throws ProblemError totp_state, code_refused
   */
  async confirm({ address, loginId }: SignedInAccount, code: string): Promise<readonly string[]> {
    const { clock, secret: node, audit, logins, random, tries } = this.#options;
    const stored = await this.#user(address);
    const { enrolment, ...user } = stored.document;
    if (!enrolment || user.authenticator || enrolment.expiresAtMs <= clock.nowMs())
      throw problem('totp_state', { detail: 'Begin anew.' });
    const secret = node.open(boxOf(address), enrolment.secret);
    await this.#countTry(address);
    const step = stepOfCode({ secret, code, nowMs: clock.nowMs(), lastStep: -1 });
    if (step === null) throw problem('code_refused');
    // While nothing is changed yet: recovery codes that were not answered are lost.
    await tries.forget('code', address);
    const codes = Array.from({ length: RECOVERY_CODES }, () => recoveryCode(random(10)));
    const authenticator: Authenticator = {
      secret: enrolment.secret,
      confirmedAtMs: clock.nowMs(),
      lastStep: step,
      recovery: codes.map((each) => sha256Text(each)),
    };
    await this.#replace(stored, { ...user, authenticator });
    await logins.showSecondFactor(loginId);
    await logins.endOthers(address, loginId, 'authenticator set up');
    await audit.add({ event: 'totp_confirmed', by: address });
    return codes;
  }

  /** Ends all logins and tokens: they were made under the protection that is gone. @throws ProblemError totp_state, code_refused */
  async remove({ address }: SignedInAccount, code: string): Promise<void> {
    const stored = await this.#user(address);
    if (!stored.document.authenticator) throw problem('totp_state', { detail: 'There is none.' });
    await this.#countTry(address);
    if (!takeCode(this.#options, stored.document, code)) throw problem('code_refused');
    await this.#options.tries.forget('code', address);
    await this.#strike(stored, { event: 'totp_removed', by: address });
  }

  /** By an administrator, for who has lost it. @throws ProblemError user_unknown, totp_state */
  async reset(address: string, by: string): Promise<void> {
    const stored = await this.#options.tables.users.get(address);
    if (!stored) throw problem('user_unknown');
    if (!stored.document.authenticator) throw problem('totp_state', { detail: 'There is none.' });
    await this.#strike(stored, { event: 'totp_reset', by, about: address });
  }

  async #strike(stored: Stored<UserRow>, said: Parameters<AuditLog['add']>[0]): Promise<void> {
    const { authenticator: _gone, ...user } = stored.document;
    await this.#replace(stored, { ...user, generation: user.generation + 1, ending: true });
    await this.#options.audit.add(said);
    await this.#options.logins.endAll(user.address);
  }

  /** @throws ProblemError too_many_requests, unavailable */
  async #countTry(address: string): Promise<void> {
    const { allowed, retryAfterMs } = await this.#options.tries.take('code', address);
    if (!allowed) throw problem('too_many_requests', { extensions: { retryAfterMs } });
  }

  async #user(address: string): Promise<Stored<UserRow>> {
    const stored = await this.#options.tables.users.get(address);
    if (!stored) throw problem('unauthenticated');
    return stored;
  }

  async #replace(stored: Stored<UserRow>, user: UserRow): Promise<void> {
    try {
      await this.#options.tables.users.replace(user, stored.version);
    } catch (error) {
      if (!isDocumentStoreError(error, 'version_conflict')) throw error;
      throw problem('totp_state', { detail: 'It was changed at the same time; look again.', cause: error });
    }
  }
}

/** 80 random bits: four groups of four. */
const recoveryCode = (bytes: Uint8Array): string => base32(bytes).toLowerCase().match(/.{4}/g)!.join('-');
