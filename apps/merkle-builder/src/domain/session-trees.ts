/**
 * The trees of all sessions: appending, signing, making final, deleting. Calls for one session run one after the other; a
 * write is compare-and-set on the tree document, so a second process cannot break the order either.
 *
 * In memory is a tree from its first unsigned leaf until it is signed. A session in which nothing happens costs nothing.
 */
import { equalBytes } from '@lucid/bytes';
import {
  insertInto,
  isDocumentStoreError,
  removeFrom,
  replaceIn,
  type Stored,
  scan,
  upsertInto,
} from '@lucid/document-store';
import { type Clock, KeyedQueue } from '@lucid/service-kit';
import type { MerkleMeter } from '../merkle-meter.ts';
import { problem } from '../problem.ts';
import type { TreeDocument, TreeStore } from '../store/tree-store.ts';
import type { Cadence } from './cadence.ts';
import type { CheckpointSigner } from './checkpoint-signer.ts';
import { builderOf, type ExtendedTree, extendTree } from './extend-tree.ts';
import { hashCount } from './hashes.ts';
import { assertExtendsSigned } from './stored-tree.ts';
import { readLeaves } from './tile-reader.ts';

interface SessionTreesOptions {
  readonly store: TreeStore;
  readonly signer: CheckpointSigner;
  readonly cadence: Cadence;
  readonly clock: Clock;
  readonly meter: MerkleMeter;
}

interface Held {
  /** 0 where it is not stored yet. */
  readonly version: number;
  readonly tree: TreeDocument;
}

const noTree = (sessionId: string): Held => ({
  version: 0,
  tree: { sessionId, size: 0, frontier: new Uint8Array(0), tail: new Uint8Array(0), final: false },
});

const TILES_PER_REMOVAL = 500;
/** Writers of one tree that may be faster before an append gives up. */
const CONFLICT_RETRIES = 3;

export class SessionTrees {
  readonly #store: TreeStore;
  readonly #signer: CheckpointSigner;
  readonly #cadence: Cadence;
  readonly #clock: Clock;
  readonly #meter: MerkleMeter;
  readonly #queue = new KeyedQueue();
  readonly #held = new Map<string, Held>();

  constructor({ store, signer, cadence, clock, meter }: SessionTreesOptions) {
    this.#store = store;
    this.#signer = signer;
    this.#cadence = cadence;
    this.#clock = clock;
    this.#meter = meter;
  }

  /** How many trees are in memory. */
  get heldTrees(): number {
    return this.#held.size;
  }

  /** @throws ProblemError tree_unknown */
  async read(sessionId: string): Promise<TreeDocument> {
    const stored = await this.#store.trees.get(sessionId);
    if (!stored || stored.document.deleted) throw problem('tree_unknown');
    return stored.document;
  }

  /** Adds leaf hashes from a position on; resolves to the size when they are durable. */
  append(sessionId: string, firstIndex: number, leaves: Uint8Array): Promise<number> {
    return this.#change(sessionId, async (held) => {
      const { tree } = held;
      if (tree.deleted) throw problem('tree_final');
      if (firstIndex > tree.size) {
        throw problem('leaf_gap', {
          detail: `The next leaf of this session is ${tree.size}.`,
          extensions: { expectedIndex: tree.size },
        });
      }
      const known = Math.min(tree.size - firstIndex, hashCount(leaves));
      await this.#assertKnown(tree, firstIndex, leaves.subarray(0, known * 32));
      const fresh = leaves.subarray(known * 32);
      if (fresh.length === 0) return tree.size;
      if (tree.final) throw problem('tree_final');
      const extended = await extendTree(this.#store, tree, fresh);
      const unsignedSinceMs = tree.unsignedSinceMs ?? this.#clock.nowMs();
      await this.#write(held, { ...extended, tree: { ...extended.tree, unsignedSinceMs } });
      this.#cadence.add(sessionId, unsignedSinceMs);
      this.#meter.leavesAdded(hashCount(fresh));
      return extended.tree.size;
    });
  }

  /** Signs what is unsigned; false where there was nothing to sign. */
  sign(sessionId: string): Promise<boolean> {
    return this.#change(sessionId, async (held) => {
      if (held.tree.unsignedSinceMs === undefined) return false;
      await this.#write(held, { tree: this.#signed(held.tree), tiles: [] });
      return true;
    });
  }

  /** Signs at exactly `size` and takes no leaf after that. */
  finalize(sessionId: string, size: number): Promise<TreeDocument> {
    return this.#change(sessionId, async (held) => {
      const { tree } = held;
      if (held.version === 0 || tree.deleted) throw problem('tree_unknown');
      if (tree.size !== size) {
        throw problem('size_mismatch', {
          detail: `The tree of this session has ${tree.size} leaves.`,
          extensions: { size: tree.size },
        });
      }
      if (tree.final) return tree;
      const final = { ...this.#signed(tree), final: true };
      await this.#write(held, { tree: final, tiles: [] });
      return final;
    });
  }

  /** Forgets leaves and checkpoints; the id stays used. */
  delete(sessionId: string): Promise<void> {
    return this.#queue.run(sessionId, async () => {
      this.#forget(sessionId);
      const stored = await this.#store.trees.get(sessionId);
      if (!stored) return;
      const { tree } = noTree(sessionId);
      await this.#store.trees.replace({ ...tree, final: true, deleted: true }, stored.version);
      await this.#removeTiles(sessionId);
    });
  }

  /** Finds the trees that a process before this one left unsigned. Resolves to how many. */
  async adoptUnsigned(): Promise<number> {
    let adopted = 0;
    for await (const { document } of scan(this.#store.trees, { index: 'unsigned' })) {
      this.#cadence.add(document.sessionId, document.unsignedSinceMs ?? 0);
      adopted++;
    }
    return adopted;
  }

  async #assertKnown(tree: TreeDocument, firstIndex: number, leaves: Uint8Array): Promise<void> {
    const known = await readLeaves(this.#store, tree, firstIndex, firstIndex + hashCount(leaves));
    if (equalBytes(known, leaves)) return;
    throw problem('leaf_conflict', { detail: 'Another leaf is stored at one of these positions.' });
  }

  #signed(tree: TreeDocument): TreeDocument {
    if (tree.signedSize === tree.size) return { ...tree, unsignedSinceMs: undefined };
    const checkpoint = this.#signer.sign(tree.sessionId, { size: tree.size, root: builderOf(tree).root() });
    return { ...tree, checkpoint, signedSize: tree.size, unsignedSinceMs: undefined };
  }

  /** Runs alone for its session; again from what is stored where another process was faster. */
  #change<T>(sessionId: string, work: (held: Held) => Promise<T>): Promise<T> {
    return this.#queue.run(sessionId, async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await work(this.#held.get(sessionId) ?? (await this.#load(sessionId)));
        } catch (error) {
          this.#forgetUnlessKnown(sessionId, error);
          const raced =
            isDocumentStoreError(error, 'version_conflict') || isDocumentStoreError(error, 'duplicate_key');
          if (!raced || attempt > CONFLICT_RETRIES) throw error;
        }
      }
    });
  }

  async #load(sessionId: string): Promise<Held> {
    const stored: Stored<TreeDocument> | null = await this.#store.trees.get(sessionId);
    if (!stored) return noTree(sessionId);
    if (!stored.document.deleted) await assertExtendsSigned(this.#store, this.#signer, stored.document);
    return { version: stored.version, tree: stored.document };
  }

  /** Tiles come before the tree document, so that on a store without atomic batches it never points to what is not there. */
  async #write(held: Held, { tree, tiles }: ExtendedTree): Promise<void> {
    const { trees, tiles: tileCollection } = this.#store;
    const versions = await this.#store.documents.batch([
      ...tiles.map((tile) => upsertInto(tileCollection, tile)),
      held.version === 0 ? insertInto(trees, tree) : replaceIn(trees, tree, held.version),
    ]);
    const before = held.tree.unsignedSinceMs;
    if (tree.unsignedSinceMs !== undefined) {
      this.#held.set(tree.sessionId, { version: versions.at(-1) as number, tree });
      this.#meter.openTrees(this.#held.size);
    } else {
      this.#forget(tree.sessionId);
      if (before !== undefined) this.#meter.checkpointSigned(this.#clock.nowMs() - before);
    }
  }

  async #removeTiles(sessionId: string): Promise<void> {
    for (;;) {
      const page = await this.#store.tiles.find({
        index: 'key',
        prefix: `${sessionId}/`,
        limit: TILES_PER_REMOVAL,
      });
      if (page.items.length === 0) return;
      await this.#store.documents.batch(page.items.map(({ key }) => removeFrom(this.#store.tiles, key)));
    }
  }

  /** After a failed write nobody knows what is stored; after a refusal the memory is still right. */
  #forgetUnlessKnown(sessionId: string, error: unknown): void {
    if (!isDocumentStoreError(error)) return;
    this.#held.delete(sessionId);
    this.#meter.openTrees(this.#held.size);
  }

  #forget(sessionId: string): void {
    this.#held.delete(sessionId);
    this.#cadence.remove(sessionId);
    this.#meter.openTrees(this.#held.size);
  }
}
