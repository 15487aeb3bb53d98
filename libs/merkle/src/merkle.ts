import { createTreeHasher, type Sha256, type TreeHasher } from './hashing.ts';
import { createTreeProofs, type TreeProofs } from './proofs.ts';
import { type Frontier, FrontierTree } from './tree-builder.ts';
import { createTreeVerifier, type TreeVerifier } from './verify.ts';

export interface Merkle extends TreeHasher, TreeProofs, TreeVerifier {
  createTree(frontier?: Frontier): FrontierTree;
}

/** RFC 9162 trees over any SHA-256: the native one, the portable one, or one that counts its calls. */
export function createMerkle(sha256: Sha256): Merkle {
  const hasher = createTreeHasher(sha256);
  return {
    ...hasher,
    ...createTreeProofs(hasher),
    ...createTreeVerifier(hasher),
    createTree: (frontier) => new FrontierTree(hasher, frontier),
  };
}
