/** Users as administrators see and change them. */
import { permits, type Role } from '@lucid/access';
import { INVITED_ROLES } from '@lucid/contracts';
import { isDocumentStoreError, type Page, type Stored } from '@lucid/document-store';
import { type Clock, ProblemError, type SignedInAccount } from '@lucid/service-kit';
import { isAddress } from '@lucid/tron-message';
import { problem } from '../problem.ts';
import type { Tables, UserRow } from '../store/rows.ts';
import type { AuditLog } from './audit-log.ts';
import type { Logins } from './logins.ts';
import { newUser } from './registration.ts';

const MOST_RACES = 12;
const PAGE = 100;
const GUARD_MS = 10_000;

export interface UserFilter {
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
  readonly role?: Role | undefined;
  readonly status?: UserRow['status'] | undefined;
}

/** What an administrator gives needs `assign_roles`, also to take it away. */
function assertMayManage(account: SignedInAccount, role: Role): void {
  const lesser = (INVITED_ROLES as readonly Role[]).includes(role);
  if (lesser || permits(account, 'assign_roles')) return;
  throw problem('forbidden', {
    detail: `Users of role ${role} are managed by who may assign roles.`,
    extensions: { permission: 'assign_roles' },
  });
}

interface UsersOptions {
  readonly tables: Tables;
  readonly logins: Logins;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: (sizeBytes: number) => Uint8Array;
}

export class Users {
  readonly #options: UsersOptions;

  constructor(options: UsersOptions) {
    this.#options = options;
  }

  /** @throws ProblemError user_unknown */
  async find(address: string): Promise<UserRow> {
    return (await this.#stored(address)).document;
  }

  async #stored(address: string): Promise<Stored<UserRow>> {
    const stored = await this.#options.tables.users.get(address);
    if (!stored) throw problem('user_unknown');
    return stored;
  }

  /** By address. A status within a role is looked for page by page. */
  async list({ limit = PAGE, after, role, status }: UserFilter): Promise<Page<UserRow>> {
    const range =
      role !== undefined
        ? { index: 'role', equals: [role] }
        : status !== undefined
          ? { index: 'status', equals: [status] }
          : { index: 'key' };
    try {
      const page = await this.#options.tables.users.find({ ...range, limit, ...(after ? { after } : {}) });
      const wanted = ({ document }: Stored<UserRow>) => status === undefined || document.status === status;
      return { items: page.items.filter(wanted), next: page.next };
    } catch (cause) {
      if (!isDocumentStoreError(cause, 'invalid_query')) throw cause;
      throw problem('invalid_request', { detail: '`after` is not of a page of this list.', cause });
    }
  }

  async activeSuperAdmins(): Promise<number> {
    const { items } = await this.#options.tables.users.find({
      index: 'role',
      equals: ['SUPER_ADMIN'],
      limit: 1_000,
    });
    return items.filter(({ document }) => document.status === 'active').length;
  }

  /** @throws ProblemError invalid_request, forbidden, user_exists */
  async invite(
    account: SignedInAccount,
    { address, role }: { address: string; role: Role },
  ): Promise<UserRow> {
    if (!isAddress(address))
      throw problem('invalid_request', { detail: 'The checksum of the address does not hold.' });
    assertMayManage(account, role);
    const { tables, clock, audit } = this.#options;
    const user = newUser({
      address,
      role,
      status: 'invited',
      createdAtMs: clock.nowMs(),
      by: account.address,
    });
    try {
      await tables.users.insert(user);
    } catch (cause) {
      if (!isDocumentStoreError(cause, 'duplicate_key')) throw cause;
      throw problem('user_exists', { cause });
    }
    await audit.add({ event: 'user_invited', by: account.address, about: address, detail: { role } });
    return user;
  }

  async describe(address: string, displayName: string | undefined): Promise<UserRow> {
    const user = await this.#change(address, (before) => ({ ...before, displayName }));
    await this.#options.audit.add({ event: 'profile_changed', by: address });
    return user;
  }

  /** @throws ProblemError user_unknown, forbidden, last_admin */
  async setStatus(
    account: SignedInAccount,
    address: string,
    status: 'active' | 'suspended',
  ): Promise<UserRow> {
    const user = await this.#guarded(() =>
      this.#change(address, async (before) => {
        assertMayManage(account, before.role);
        if (before.status === status) return before;
        // Who has not registered yet is let in by registering, not by this.
        if (status === 'active' && before.status === 'invited') return before;
        if (status === 'suspended') await this.#assertNotLast(before);
        return { ...before, status, generation: before.generation + 1, ending: true };
      }),
    );
    await this.#options.audit.add({
      event: 'status_changed',
      by: account.address,
      about: address,
      detail: { status: user.status },
    });
    await this.#options.logins.endAll(address);
    return user;
  }

  /** @throws ProblemError user_unknown, last_admin */
  async setRole(account: SignedInAccount, address: string, role: Role): Promise<UserRow> {
    const user = await this.#guarded(() =>
      this.#change(address, async (before) => {
        if (before.role === role) return before;
        await this.#assertNotLast(before);
        return { ...before, role, generation: before.generation + 1, ending: true };
      }),
    );
    await this.#options.audit.add({
      event: 'role_changed',
      by: account.address,
      about: address,
      detail: { role },
    });
    await this.#options.logins.endAll(address);
    return user;
  }

  async #assertNotLast({ role, status }: UserRow): Promise<void> {
    if (role === 'SUPER_ADMIN' && status === 'active' && (await this.activeSuperAdmins()) <= 1)
      throw problem('last_admin');
  }

  /** One at a time in all instances: two who take each other's role must not both succeed. @throws ProblemError unavailable */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    const { documents } = this.#options.tables;
    const holder = Buffer.from(this.#options.random(8)).toString('hex');
    const lease = await documents.acquireLease('auth-roles', holder, GUARD_MS);
    if (!lease) throw new ProblemError('unavailable', { extensions: { retryAfterMs: 1_000 } });
    try {
      return await work();
    } finally {
      await documents.releaseLease(lease);
    }
  }

  async #change(address: string, change: (before: UserRow) => Promise<UserRow> | UserRow): Promise<UserRow> {
    for (let races = 0; races < MOST_RACES; races += 1) {
      const stored = await this.#stored(address);
      const user = await change(stored.document);
      if (user === stored.document) return user;
      try {
        await this.#options.tables.users.replace(user, stored.version);
        return user;
      } catch (error) {
        if (!isDocumentStoreError(error, 'version_conflict')) throw error;
      }
    }
    throw new ProblemError('unavailable');
  }
}
