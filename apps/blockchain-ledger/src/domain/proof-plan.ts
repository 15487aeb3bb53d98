/**
 * The append path's share of RFC 9162 section 2.1.3: the inclusion proof of a new entry in the tree it became durable with,
 * out of nodes in memory. A node (level, index) covers the leaves index * 2^level to (index + 1) * 2^level - 1. The last node
 * of a level may cover less and is then in no tile: it is an **edge**, computed once per head and shared by its proofs.
 * Proofs of any other tree come from @lucid/merkle over the stored tiles.
 */
import { hashNode } from './tree-hash.ts';

export type NodeLookup = (level: number, index: number) => Uint8Array | undefined;

const half = (value: number): number => Math.floor(value / 2);

/** The last node of each level of the tree of `size` leaves, lowest first; the last of them is the root. `size` > 0. */
export function edgesOf(size: number, node: NodeLookup): Uint8Array[] {
  const edges = [nodeOf(node, 0, size - 1)];
  for (let last = size - 1, level = 0; last > 0; last = half(last), level++) {
    const edge = edges[level] as Uint8Array;
    edges.push(last % 2 === 1 ? hashNode(nodeOf(node, level, last - 1), edge) : edge);
  }
  return edges;
}

function nodeOf(node: NodeLookup, level: number, index: number): Uint8Array {
  const hash = node(level, index);
  if (hash === undefined) throw new RangeError(`node ${index} of level ${level} is not at hand`);
  return hash;
}

/**
 * The path from level `fromLevel` up (0: the whole proof), lowest first; undefined where a node is not at hand.
 * Leaves of one tile share their path from level 8 on.
 */
export function inclusionPath(
  options: {
    index: number;
    size: number;
    edges: readonly Uint8Array[];
    fromLevel?: number;
    untilLevel?: number;
  },
  node: NodeLookup,
): Uint8Array[] | undefined {
  const { index, size, edges, fromLevel = 0, untilLevel = 64 } = options;
  const path: Uint8Array[] = [];
  let at = index;
  let last = size - 1;
  for (let level = 0; last > 0 && level < untilLevel; level++, at = half(at), last = half(last)) {
    const sibling = at % 2 === 1 ? at - 1 : at + 1;
    if (level < fromLevel || sibling > last) continue;
    const hash = sibling === last ? edges[level] : node(level, sibling);
    if (hash === undefined) return undefined;
    path.push(hash);
  }
  return path;
}

/** Where a complete node lies: the tile, and height and position within it. */
export interface NodePlace {
  readonly tileLevel: number;
  readonly tileNumber: number;
  readonly height: number;
  readonly position: number;
}

export function placeOf(level: number, index: number): NodePlace {
  const height = level % 8;
  const nodesAcross = 2 ** (8 - height);
  return {
    tileLevel: (level - height) / 8,
    tileNumber: Math.floor(index / nodesAcross),
    height,
    position: index % nodesAcross,
  };
}
