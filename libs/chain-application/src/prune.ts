/**
 * Pruning by mark and sweep. The oldest height whose state may still be asked for is made durable first, so that a crash at
 * any later moment leaves nothing but nodes that nobody needs, which the next run takes away.
 *
 * Blocks may be committed while it runs: what their batches bring is marked before it is written, and a batch that deletes never
 * overlaps one that commits.
 */
import { decodeRlp, encodeRlp } from '@lucid/eth-proof';
import type { KvOperation } from '@lucid/kv-store';
import type { PruneReport } from './application.ts';
import { ChainStore } from './chain-store.ts';
import { keccak256 } from './crypto.ts';
import { ChainError } from './error.ts';
import { heightKey, type PendingWrites, storeKey } from './node-store.ts';
import { bytesToKey } from './values.ts';
import { StateWalk } from './walk-state.ts';

const sweepBatch = 1000;

export interface PruneContext {
  readonly store: ChainStore;
  /** State roots that are kept, as map keys: of the newest blocks. */
  readonly roots: readonly string[];
  readonly oldestHeight: number;
  /** Runs while no batch is committed. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  readonly yieldTurn: () => Promise<void>;
}

export class Pruning {
  readonly #context: PruneContext;
  readonly #roots: string[];
  /** Hashes of nodes and codes that stay. About 100 bytes each. */
  readonly #marked = new Set<string>();
  readonly #markedCodes = new Set<string>();
  /** What blocks brought meanwhile. Kept apart: a marked node was walked, and what is below it marked, too. */
  readonly #protected = new Set<string>();

  constructor(context: PruneContext) {
    this.#context = context;
    this.#roots = [...context.roots];
  }

  /** To be called with each block's writes before they are written, from before `run` on. */
  protect(writes: PendingWrites): void {
    for (const hashKey of writes.nodes.keys()) this.#protected.add(hashKey);
    for (const hashKey of writes.codes.keys()) this.#protected.add(hashKey);
  }

  /** One more root that stays. */
  keep(rootKey: string): void {
    this.#roots.push(rootKey);
  }

  async run(): Promise<PruneReport> {
    const { store, oldestHeight, exclusively } = this.#context;
    await exclusively(() => store.kv.batch([ChainStore.oldestStateOperation(oldestHeight)], { sync: true }));
    for (const root of this.#roots) await this.#mark(root);
    const keptNodes = this.#marked.size;
    const removedNodes = await this.#sweep('n', this.#marked);
    await this.#sweep('c', this.#markedCodes);
    await this.#dropBodies();
    return { removedNodes, keptNodes, oldestHeight };
  }

  async #mark(rootKey: string): Promise<void> {
    const visited = this.#marked;
    const walk = new StateWalk(
      this.#context.store.kv,
      {
        node: (hashKey) => {
          // Blocks share most of their state: what was walked is not walked again.
          if (visited.has(hashKey)) return false;
          visited.add(hashKey);
          return true;
        },
        code: (hashKey) => {
          this.#markedCodes.add(hashKey);
        },
        fault: (fault) => {
          throw new ChainError('state_damaged', `${fault.what} ${fault.where}`);
        },
      },
      this.#context.yieldTurn,
    );
    await walk.walk(rootKey);
  }

  /** Deletes the keys of a letter whose hash is not marked. */
  async #sweep(letter: 'n' | 'c', marked: ReadonlySet<string>): Promise<number> {
    const { store, exclusively, yieldTurn } = this.#context;
    let removed = 0;
    let doomed: Uint8Array[] = [];
    const remove = async (): Promise<void> => {
      const keys = doomed;
      doomed = [];
      await exclusively(async () => {
        // A block that was committed since may have brought one of them back.
        const still = keys.filter((key) => !this.#protected.has(bytesToKey(key.subarray(1))));
        removed += still.length;
        await store.kv.batch(
          still.map((key): KvOperation => ({ type: 'del', key })),
          { sync: false },
        );
      });
      await yieldTurn();
    };
    const next = String.fromCharCode(letter.charCodeAt(0) + 1);
    for await (const [key] of store.kv.iterate({ gte: Buffer.from(letter), lt: Buffer.from(next) })) {
      if (marked.has(bytesToKey(key.subarray(1)))) continue;
      doomed.push(Uint8Array.from(key));
      if (doomed.length >= sweepBatch) await remove();
    }
    if (doomed.length > 0) await remove();
    return removed;
  }

  /** Bodies older than the oldest state, with the places of their transactions; block 0 and all headers stay. */
  async #dropBodies(): Promise<void> {
    const { store, oldestHeight, yieldTurn } = this.#context;
    const range = { gte: heightKey('b', 1), lt: heightKey('b', oldestHeight) };
    for await (const [key, blockRlp] of store.kv.iterate(range)) {
      const operations: KvOperation[] = [{ type: 'del', key: Uint8Array.from(key) }];
      for (const raw of transactionsOf(blockRlp))
        operations.push({ type: 'del', key: storeKey.transaction(bytesToKey(keccak256(raw))) });
      await store.kv.batch(operations, { sync: false });
      await yieldTurn();
    }
  }
}

/** Encoded transactions of a block. */
export function transactionsOf(blockRlp: Uint8Array): Uint8Array[] {
  const block = decodeRlp(blockRlp);
  const list = block instanceof Uint8Array ? [] : (block[1] ?? []);
  if (list instanceof Uint8Array) return [];
  return list.map((item) => (item instanceof Uint8Array ? item : encodeRlp(item)));
}
