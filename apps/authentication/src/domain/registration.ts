/** Who becomes a user: by invitation, by the one-time code of the first administrator, or by coming, where that is allowed. */
import { timingSafeEqual } from 'node:crypto';
import {
  type BatchOperation,
  insertInto,
  isDocumentStoreError,
  removeFrom,
  replaceIn,
  type Stored,
} from '@lucid/document-store';
import { type Clock, ProblemError } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { FirstAdminRow, Tables, UserRow } from '../store/rows.ts';
import type { AuditLog } from './audit-log.ts';
import { sha256Text } from './node-secret.ts';
import { Refusal } from './refusal.ts';
import type { Users } from './users.ts';

const CODE_MS = 24 * 3_600_000;
const CODE_BYTES = 20;
const MOST_RACES = 12;

export interface RegistrationOptions {
  readonly tables: Tables;
  readonly users: Users;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: (sizeBytes: number) => Uint8Array;
  /** Whether anybody may register, as USER. */
  readonly open: boolean;
}

export class Registration {
  readonly #options: RegistrationOptions;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** A new code; the one before is worth nothing then. @throws ProblemError admin_exists */
  async makeCode(by: string): Promise<{ code: string; expiresAt: number }> {
    const { tables, users, audit, clock, random } = this.#options;
    if ((await users.activeSuperAdmins()) > 0) throw problem('admin_exists');
    const code = Buffer.from(random(CODE_BYTES)).toString('base64url');
    const expiresAtMs = clock.nowMs() + CODE_MS;
    await tables.firstAdmin.upsert({ id: 'first-admin', codeHash: sha256Text(code), expiresAtMs });
    await audit.add({ event: 'first_admin_code_made', by });
    return { code, expiresAt: Math.floor(expiresAtMs / 1000) };
  }

  /** Of an address whose signature was good. @throws Refusal; ProblemError user_exists */
  async register(address: string, code: string | undefined): Promise<UserRow> {
    for (let races = 0; races < MOST_RACES; races += 1) {
      const stored = await this.#options.tables.users.get(address);
      if (stored?.document.status === 'suspended') throw new Refusal('suspended', address);
      const user =
        code === undefined ? await this.#join(address, stored) : await this.#lead(address, stored, code);
      if (user) {
        const detail = { role: user.role, firstAdmin: code !== undefined };
        await this.#options.audit.add({ event: 'registered', by: address, detail });
        return user;
      }
    }
    throw new ProblemError('unavailable');
  }

  #join(address: string, stored: Stored<UserRow> | null): Promise<UserRow | null> {
    if (stored?.document.status === 'active') throw problem('user_exists');
    if (!stored && !this.#options.open) throw new Refusal('not-invited', address);
    const user: UserRow = stored
      ? { ...stored.document, status: 'active' }
      : newUser({
          address,
          role: 'USER',
          status: 'active',
          createdAtMs: this.#options.clock.nowMs(),
          by: address,
        });
    return this.#write(stored, user, []);
  }

  async #lead(address: string, stored: Stored<UserRow> | null, code: string): Promise<UserRow | null> {
    const { tables, users, clock } = this.#options;
    const row = await tables.firstAdmin.get('first-admin');
    const good = row && this.#isGood(row.document, code) && (await users.activeSuperAdmins()) === 0;
    if (!good) throw new Refusal('invitation-wrong', address);
    const before =
      stored?.document ??
      newUser({ address, role: 'SUPER_ADMIN', status: 'active', createdAtMs: clock.nowMs(), by: address });
    const user: UserRow = {
      ...before,
      ...{ role: 'SUPER_ADMIN', status: 'active', generation: before.generation + 1, ending: true },
    };
    // The code goes first: of two holders one gets in.
    return this.#write(stored, user, [removeFrom(tables.firstAdmin, row.key, row.version)]);
  }

  #isGood({ codeHash, expiresAtMs }: FirstAdminRow, code: string): boolean {
    const equal = timingSafeEqual(Buffer.from(codeHash), Buffer.from(sha256Text(code)));
    return equal && expiresAtMs > this.#options.clock.nowMs();
  }

  async #write(
    stored: Stored<UserRow> | null,
    user: UserRow,
    first: readonly BatchOperation[],
  ): Promise<UserRow | null> {
    const { documents, users } = this.#options.tables;
    const write = stored ? replaceIn(users, user, stored.version) : insertInto(users, user);
    try {
      await documents.batch([...first, write]);
      return user;
    } catch (error) {
      if (isDocumentStoreError(error, 'version_conflict') || isDocumentStoreError(error, 'duplicate_key'))
        return null;
      throw error;
    }
  }
}

export const newUser = (said: {
  address: string;
  role: UserRow['role'];
  status: UserRow['status'];
  createdAtMs: number;
  by: string;
}): UserRow => ({
  ...{ address: said.address, role: said.role, status: said.status },
  ...{ createdAtMs: said.createdAtMs, createdBy: said.by, generation: 0 },
});
