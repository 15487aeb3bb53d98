import type { Notary } from './notary.ts';
import { inclusionPath, type NodeLookup } from './proof-plan.ts';
import { emptyTreeRoot } from './tree-hash.ts';

/** A tree of the log that was signed, with what the inclusion proofs of its entries share. */
export class Head {
  readonly size: number;
  readonly root: Uint8Array;
  /** The checkpoint as a signed note. */
  readonly note: string;
  readonly #edges: readonly Uint8Array[];

  /** `edges`: the last node of each level, the last of them the root; none for the empty tree. */
  constructor(options: { size: number; edges: readonly Uint8Array[]; note: string }) {
    this.size = options.size;
    this.#edges = options.edges;
    this.root = rootOf(options.edges);
    this.note = options.note;
  }

  static sign(size: number, edges: readonly Uint8Array[], notary: Notary): Head {
    return new Head({ size, edges, note: notary.sign({ size, root: rootOf(edges) }) });
  }

  /** See `inclusionPath`; undefined where a node is not at hand. */
  path(
    options: { index: number; fromLevel?: number; untilLevel?: number },
    node: NodeLookup,
  ): Uint8Array[] | undefined {
    return inclusionPath({ ...options, size: this.size, edges: this.#edges }, node);
  }
}

const rootOf = (edges: readonly Uint8Array[]): Uint8Array => edges.at(-1) ?? emptyTreeRoot();
