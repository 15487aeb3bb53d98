/** The RFC 9162 tree of a batch: its root, and the path of each session. Building hashes each node once; a path reads what is there. */
import { bytesToHex } from '@lucid/bytes';
import { type HashReader, inclusionProof, leafHash, TreeBuilder } from '@lucid/merkle';

export interface BatchTree {
  readonly count: number;
  readonly root: Uint8Array;
  /** Hex, lowest first. @throws RangeError where `index` is not below `count`. */
  path(index: number): string[];
}

/** `leaves` as `sessionLeaf` writes them. */
export function buildBatchTree(leaves: readonly Uint8Array[]): BatchTree {
  const levels: Uint8Array[][] = [];
  const tree = new TreeBuilder();
  for (const leaf of leaves)
    tree.append(leafHash(leaf), (level, index, hash) => {
      levels[level] ??= [];
      (levels[level] as Uint8Array[])[index] = hash;
    });
  const reader: HashReader = {
    readHashes: (refs) => refs.map(({ level, index }) => levels[level]?.[index] as Uint8Array),
  };
  return {
    count: leaves.length,
    root: tree.root(),
    path: (index) => inclusionProof(reader, index, leaves.length).map((hash) => bytesToHex(hash)),
  };
}
