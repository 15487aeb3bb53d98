/** Puts sessions into batches: each into one, for ever; durable when it resolves. */
import { bytesToHex, concatBytes } from '@lucid/bytes';
import { type BatchStore, partsOf, sessionOfLeaf } from '../store/batch-store.ts';
import type { AnchorEvents } from './anchor-events.ts';

/** Of sessions in one transaction. Their leaves are 0.8 MB. */
export const MAX_BATCH_SESSIONS = 4096;
const BATCH_ID_BYTES = 16;

interface ComposerParts {
  readonly store: BatchStore;
  readonly events: Pick<AnchorEvents, 'ofSessions'>;
  readonly random: (sizeBytes: number) => Uint8Array;
}

export class Composer {
  readonly #parts: ComposerParts;

  constructor(parts: ComposerParts) {
    this.#parts = parts;
  }

  /** The batch of each leaf's session, in their order. */
  async compose(leaves: readonly Uint8Array[]): Promise<string[]> {
    const { store } = this.#parts;
    const ids = leaves.map(sessionOfLeaf);
    const known = await store.batchesOf(ids);
    const fresh = new Map(leaves.map((leaf, at) => [ids[at] as string, leaf]));
    for (const id of known.keys()) fresh.delete(id);
    for (const group of await this.#groups(fresh)) await this.#make(group);
    const batches = fresh.size === 0 ? known : await store.batchesOf(ids);
    return ids.map((id) => batches.get(id) as string);
  }

  /** Sessions that were registered by themselves before cannot share a transaction: it is theirs that proves them. */
  async #groups(fresh: ReadonlyMap<string, Uint8Array>): Promise<(readonly Uint8Array[])[]> {
    if (fresh.size < 2) return fresh.size === 0 ? [] : [[...fresh.values()]];
    const alone = new Set<string>();
    for (const { event } of await this.#parts.events.ofSessions([...fresh.keys()]))
      if (event.kind === 'session') alone.add(event.registration.sessionId);
    const together = [...fresh].filter(([id]) => !alone.has(id)).map(([, leaf]) => leaf);
    const lone = [...fresh].filter(([id]) => alone.has(id)).map(([, leaf]) => [leaf]);
    return [...partsOf(together, MAX_BATCH_SESSIONS), ...lone];
  }

  async #make(leaves: readonly Uint8Array[]): Promise<void> {
    const { store, random } = this.#parts;
    const batchId = bytesToHex(random(BATCH_ID_BYTES));
    await store.wish({ batchId, leaves: concatBytes(...leaves) });
    await store.sealed(batchId);
  }
}
