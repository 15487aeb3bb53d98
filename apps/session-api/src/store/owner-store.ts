/** What each account has: its sessions and those that run, counted exactly however many ask at once; its policies; its idempotency keys. */
import {
  type BatchOperation,
  type Collection,
  type DocumentStore,
  defineCollection,
  insertInto,
  isDocumentStoreError,
  replaceIn,
  scan,
} from '@lucid/document-store';
import { storing } from '@lucid/service-kit';
import { raced } from '../problem.ts';

export interface OwnerRow {
  readonly owner: string;
  /** Places taken by sessions that are not in the archive. */
  readonly sessions: readonly string[];
  /** Places of sessions that are about to be made; given back after a while where nothing came of it. */
  readonly pending: readonly { readonly place: string; readonly atMs: number }[];
  /** Since when each has its place. */
  readonly running: readonly { readonly sessionId: string; readonly atMs: number }[];
}

export interface IdempotencyRow {
  readonly owner: string;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  /** Absent while the request is under way. */
  readonly sessionId?: string | undefined;
  readonly expiresAtMs: number;
}

export interface PolicyRow {
  readonly owner: string;
  readonly policyHash: string;
  readonly name: string;
  readonly text: string;
  readonly createdAtUs: number;
}

const owners = defineCollection<OwnerRow>({ name: 'session-owners', key: ({ owner }) => owner, indexes: [] });
const idempotency = defineCollection<IdempotencyRow>({
  name: 'session-idempotency',
  key: ({ owner, idempotencyKey }) => `${owner} ${idempotencyKey}`,
  indexes: [],
  expiresAt: 'expiresAtMs',
});
const policies = defineCollection<PolicyRow>({
  name: 'own-policies',
  key: ({ owner, policyHash }) => `${owner} ${policyHash}`,
  indexes: [{ name: 'owner', fields: ['owner', 'createdAtUs'] }],
});

export interface OwnerCollections {
  readonly documents: DocumentStore;
  readonly owners: Collection<OwnerRow>;
  readonly idempotency: Collection<IdempotencyRow>;
  readonly policies: Collection<PolicyRow>;
}

/** Of the write of a batch that failed. */
const positionOf = (error: unknown): number | undefined =>
  isDocumentStoreError(error) ? error.details.operation : undefined;

const none = (owner: string): OwnerRow => ({ owner, sessions: [], pending: [], running: [] });

export class OwnerStore {
  readonly #collections: OwnerCollections;

  constructor(collections: OwnerCollections) {
    this.#collections = collections;
  }

  get idempotency(): Collection<IdempotencyRow> {
    return this.#collections.idempotency;
  }

  get policies(): Collection<PolicyRow> {
    return this.#collections.policies;
  }

  async get(owner: string): Promise<OwnerRow> {
    return (await storing(this.#collections.owners.get(owner)))?.document ?? none(owner);
  }

  /**
   * Changes the row by compare-and-set, with `others` in the same batch; `decide` answers null to leave it.
   * @throws what it throws; DocumentStoreError where another of the batch was raced: it would be again
   */
  async change(
    owner: string,
    decide: (row: OwnerRow) => Partial<OwnerRow> | null,
    others: readonly BatchOperation[] = [],
  ): Promise<OwnerRow> {
    const { documents, owners: rows } = this.#collections;
    for (;;) {
      const stored = await storing(rows.get(owner));
      const before = stored?.document ?? none(owner);
      const change = decide(before);
      if (!change) return before;
      const after: OwnerRow = { ...before, ...change };
      const write = stored ? replaceIn(rows, after, stored.version) : insertInto(rows, after);
      try {
        await storing(documents.batch([write, ...others]));
        return after;
      } catch (error) {
        if (!raced(error) || (others.length > 0 && positionOf(error) !== 0)) throw error;
      }
    }
  }

  /** Forgets idempotency keys whose time is over. */
  async sweep(nowMs: number): Promise<number> {
    return storing(this.#collections.documents.sweepExpired(nowMs));
  }

  async policiesOf(owner: string): Promise<PolicyRow[]> {
    const found: PolicyRow[] = [];
    for await (const { document } of scan(this.#collections.policies, { index: 'owner', equals: [owner] }))
      found.push(document);
    return found;
  }
}

export const openOwnerStore = async (documents: DocumentStore): Promise<OwnerStore> =>
  new OwnerStore({
    documents,
    owners: await documents.collection(owners),
    idempotency: await documents.collection(idempotency),
    policies: await documents.collection(policies),
  });
