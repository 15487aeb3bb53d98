/** The RFC 9162 tree of a batch: its root, and the path of each session. Each node is hashed once; a path only reads. */
import { bytesToHex } from '@lucid/bytes';
import { emptyRoot, leafHash, nodeHash } from '@lucid/merkle';

export interface BatchTree {
  readonly count: number;
  readonly root: Uint8Array;
  /** Hex, lowest first. @throws RangeError where `index` is not below `count`. */
  path(index: number): string[];
}

/** The last of an odd number goes up as it is: the same tree as RFC 9162 section 2.1.1 defines from the root down. */
function joined(nodes: readonly Uint8Array[]): Uint8Array[] {
  const parents: Uint8Array[] = [];
  for (let at = 0; at < nodes.length; at += 2) {
    const left = nodes[at] as Uint8Array;
    const right = nodes[at + 1];
    parents.push(right === undefined ? left : nodeHash(left, right));
  }
  return parents;
}

/** `leaves` as `sessionLeaf` writes them. */
export function buildBatchTree(leaves: readonly Uint8Array[]): BatchTree {
  const levels: string[][] = [];
  let nodes = leaves.map((leaf) => leafHash(leaf));
  for (; nodes.length > 1; nodes = joined(nodes)) levels.push(nodes.map((hash) => bytesToHex(hash)));
  return {
    count: leaves.length,
    root: nodes[0] ?? emptyRoot,
    path(index) {
      if (!Number.isSafeInteger(index) || index < 0 || index >= leaves.length)
        throw new RangeError('path: not a place of the batch');
      return levels.flatMap((level, height) => level[Math.floor(index / 2 ** height) ^ 1] ?? []);
    },
  };
}
