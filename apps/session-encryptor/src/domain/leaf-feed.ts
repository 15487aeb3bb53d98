/**
 * Hands the leaf hashes of one session to merkle-builder, in order and without gap. A leaf waits here until it is acknowledged;
 * after a restart what is missing there is hashed again from the stored records.
 */
import type { merkleBuilderContract } from '@lucid/contracts';
import { type CallOptions, type Client, isProblem } from '@lucid/service-kit';
import { problem } from './problems.ts';

/** Bounds one request (32 bytes a leaf) and what is held while records are hashed again. */
const MAX_LEAVES_A_CALL = 65_536;
const LEAF_BYTES = 32;

export interface LeafFeedOptions {
  readonly sessionId: string;
  readonly merkle: Pick<Client<typeof merkleBuilderContract>, 'appendLeaves' | 'getTree'>;
  /** Leaf hashes of stored records `from` to `to - 1`. */
  readonly hashStored: (from: number, to: number) => AsyncIterable<Uint8Array>;
  /** Leaves known to be acknowledged; null where merkle-builder must be asked. */
  readonly acknowledged: number | null;
}

export class LeafFeed {
  readonly #options: LeafFeedOptions;
  #acknowledged: number | null;
  /** Hashes of the newest records, the last of them of record `#end - 1`. */
  #waiting: Uint8Array[] = [];
  #end = 0;

  constructor(options: LeafFeedOptions) {
    this.#options = options;
    this.#acknowledged = options.acknowledged;
  }

  /** Leaves that are certainly in the tree. */
  get acknowledged(): number {
    return this.#acknowledged ?? 0;
  }

  /** The leaf of a record that just became durable; pushed in index order. */
  push(index: number, leafHash: Uint8Array): void {
    if (index !== this.#end) this.#waiting = [];
    this.#waiting.push(leafHash);
    this.#end = index + 1;
  }

  /** Forgets what waits: records were found in the store that were never pushed, so all is hashed from there. */
  reset(): void {
    this.#waiting = [];
  }

  /** Resolves when the leaves of all `records` are in the tree. @throws ProblemError of merkle-builder */
  async flush(records: number, call?: CallOptions['call']): Promise<void> {
    try {
      await this.#sendUntil(records, call);
    } catch (error) {
      // Its tree may have been restored from an older state: ask it how far it is, once.
      const asked = this.#acknowledged !== null && isProblem(error, 'leaf_gap', 'tree_unknown');
      if (!asked) throw error;
      this.#acknowledged = null;
      await this.#sendUntil(records, call);
    }
  }

  async #sendUntil(records: number, call: CallOptions['call']): Promise<void> {
    this.#acknowledged ??= await this.#resumeAt(records, call);
    if (this.#acknowledged > records)
      throw problem('record_damaged', { detail: 'the tree has more leaves than the session has records' });
    while (this.#acknowledged < records) {
      const until = Math.min(records, this.#acknowledged + MAX_LEAVES_A_CALL);
      const body = await this.#leaves(this.#acknowledged, until);
      const { sessionId, merkle } = this.#options;
      const query = { firstIndex: this.#acknowledged };
      await merkle.appendLeaves({ params: { sessionId }, query, body }, { call });
      this.#acknowledged = until;
    }
    this.#dropAcknowledged();
  }

  /** Goes one leaf back, so that the tree compares it: a tree over other records is told by its last leaf. */
  async #resumeAt(records: number, call: CallOptions['call']): Promise<number> {
    const size = await this.#treeSize(call);
    return size > 0 && size < records ? size - 1 : size;
  }

  async #treeSize(call: CallOptions['call']): Promise<number> {
    const { sessionId, merkle } = this.#options;
    try {
      return (await merkle.getTree({ params: { sessionId } }, { call })).size;
    } catch (error) {
      if (isProblem(error, 'tree_unknown')) return 0;
      throw error;
    }
  }

  async #leaves(from: number, until: number): Promise<Uint8Array> {
    const body = new Uint8Array((until - from) * LEAF_BYTES);
    const firstWaiting = this.#end - this.#waiting.length;
    const split = this.#waiting.length === 0 ? until : Math.min(until, Math.max(from, firstWaiting));
    let at = 0;
    if (from < split) {
      for await (const leaf of this.#options.hashStored(from, split)) {
        body.set(leaf, at);
        at += LEAF_BYTES;
      }
    }
    for (const leaf of this.#waiting.slice(split - firstWaiting, until - firstWaiting)) {
      body.set(leaf, at);
      at += LEAF_BYTES;
    }
    return body;
  }

  #dropAcknowledged(): void {
    if (this.#end <= this.acknowledged) this.#waiting = [];
  }
}
