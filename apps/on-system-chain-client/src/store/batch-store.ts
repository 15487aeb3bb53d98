/**
 * Which sessions go into which registration, durable before its transaction is signed.
 *
 *     open    the wish: these sessions, in this order
 *     sealed  those of them whose membership says so; the transaction is made of these alone
 *     failed  the chain will never hold it; begins anew when one of its sessions is handed in again
 *
 * A session has one membership for ever, inserted once, and sealing only asks for the memberships that are missing. So whoever seals an
 * open batch, in whichever process, after whichever crash, gets the same batch, and no session is in two.
 */
import { bytesToHex, concatBytes } from '@lucid/bytes';
import {
  type Collection,
  type DocumentStore,
  defineCollection,
  insertInto,
  isDocumentStoreError,
  type Stored,
} from '@lucid/document-store';
import { SESSION_LEAF_BYTES } from '@lucid/session-format';

export interface BatchDocument {
  /** Hex. */
  readonly batchId: string;
  readonly state: 'open' | 'sealed' | 'failed';
  /** SESSION_LEAF_BYTES of each session, in the order of the tree. One leaf: the session is registered by itself. */
  readonly leaves: Uint8Array;
  /** Counts the transactions that were given up; each try has its own. */
  readonly attempt: number;
  /** Why it failed. */
  readonly reason?: string | undefined;
  /** 0x and hex: a transaction that is not of this batch and registered the same values. */
  readonly registeredBy?: string | undefined;
}

interface MembershipDocument {
  readonly sessionId: string;
  readonly batchId: string;
}

const batchCollection = defineCollection<BatchDocument>({
  name: 'registration-batches',
  key: ({ batchId }) => batchId,
  indexes: [{ name: 'state', fields: ['state'] }],
});

const membershipCollection = defineCollection<MembershipDocument>({
  name: 'registration-members',
  key: ({ sessionId }) => sessionId,
  indexes: [],
});

const AT_ONCE = 1000;
const SESSION_ID_BYTES = 32;

export function* partsOf<T>(items: readonly T[], size = AT_ONCE): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

export const leavesOf = ({ leaves }: Pick<BatchDocument, 'leaves'>): Uint8Array[] =>
  Array.from({ length: leaves.length / SESSION_LEAF_BYTES }, (_, index) =>
    leaves.subarray(index * SESSION_LEAF_BYTES, (index + 1) * SESSION_LEAF_BYTES),
  );

/** The first word of a leaf. */
export const sessionOfLeaf = (leaf: Uint8Array): string => bytesToHex(leaf.subarray(0, SESSION_ID_BYTES));

export class BatchStore {
  readonly #documents: DocumentStore;
  readonly #batches: Collection<BatchDocument>;
  readonly #members: Collection<MembershipDocument>;

  private constructor(
    documents: DocumentStore,
    batches: Collection<BatchDocument>,
    members: Collection<MembershipDocument>,
  ) {
    this.#documents = documents;
    this.#batches = batches;
    this.#members = members;
  }

  static async open(documents: DocumentStore): Promise<BatchStore> {
    const batches = await documents.collection(batchCollection);
    return new BatchStore(documents, batches, await documents.collection(membershipCollection));
  }

  /** The batch of each session that has one. */
  async batchesOf(sessionIds: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const part of partsOf(sessionIds))
      for (const member of await this.#members.getMany(part))
        if (member) found.set(member.document.sessionId, member.document.batchId);
    return found;
  }

  /** Writes the wish down; `seal` makes a batch of it. */
  async wish(document: Pick<BatchDocument, 'batchId' | 'leaves'>): Promise<void> {
    await this.#batches.insert({ ...document, state: 'open', attempt: 0 });
  }

  /** The batch, sealed if it was open; null where there is none, or no session is left to it. */
  async sealed(batchId: string): Promise<Stored<BatchDocument> | null> {
    for (;;) {
      const stored = await this.#batches.get(batchId);
      if (stored === null || stored.document.state !== 'open') return stored;
      const own = await this.#claimed(stored.document);
      try {
        if (own.length === 0) await this.#batches.remove(batchId, stored.version);
        else
          await this.#batches.replace(
            { ...stored.document, state: 'sealed', leaves: concatBytes(...own) },
            stored.version,
          );
      } catch (error) {
        if (!isDocumentStoreError(error, 'version_conflict')) throw error;
      }
    }
  }

  /** False where another process changed it first. */
  async change(
    { document, version }: Stored<BatchDocument>,
    change: Partial<BatchDocument>,
  ): Promise<boolean> {
    try {
      await this.#batches.replace({ ...document, ...change }, version);
      return true;
    } catch (error) {
      if (isDocumentStoreError(error, 'version_conflict')) return false;
      throw error;
    }
  }

  /** Seals what a process left open when it fell. */
  async recover(): Promise<void> {
    for (let after: string | null | undefined; after !== null; ) {
      const page = await this.#batches.find({
        ...{ index: 'state', equals: ['open'], limit: 10 },
        ...(after === undefined ? {} : { after }),
      });
      for (const { key } of page.items) await this.sealed(key);
      after = page.next;
    }
  }

  /** The leaves of the sessions that belong to the batch, in its order, after asking for all of them. */
  async #claimed(batch: BatchDocument): Promise<Uint8Array[]> {
    const leaves = leavesOf(batch);
    const { batchId } = batch;
    for (const part of partsOf(leaves)) await this.#claim(part.map(sessionOfLeaf), batchId);
    const owners = await this.batchesOf(leaves.map(sessionOfLeaf));
    return leaves.filter((leaf) => owners.get(sessionOfLeaf(leaf)) === batchId);
  }

  async #claim(sessionIds: readonly string[], batchId: string): Promise<void> {
    try {
      await this.#documents.batch(
        sessionIds.map((sessionId) => insertInto(this.#members, { sessionId, batchId })),
      );
    } catch (error) {
      if (!isDocumentStoreError(error, 'duplicate_key')) throw error;
      for (const sessionId of sessionIds) await this.#claimOne({ sessionId, batchId });
    }
  }

  async #claimOne(member: MembershipDocument): Promise<void> {
    try {
      await this.#members.insert(member);
    } catch (error) {
      if (!isDocumentStoreError(error, 'duplicate_key')) throw error;
    }
  }
}
