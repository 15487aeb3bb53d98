import { sha256 } from '@lucid/crypto';
import { createMerkle } from './merkle.ts';
import { type Frontier, FrontierTree } from './tree-builder.ts';

const merkle = createMerkle(sha256);

export const {
  leafHash,
  nodeHash,
  emptyRoot,
  rootOfLeaves,
  rootAt,
  inclusionProof,
  consistencyProof,
  rootAtAsync,
  inclusionProofAsync,
  consistencyProofAsync,
  verifyInclusion,
  verifyConsistency,
} = merkle;

export class TreeBuilder extends FrontierTree {
  constructor(frontier?: Frontier) {
    super(merkle, frontier);
  }

  static fromFrontier(frontier: Frontier): TreeBuilder {
    return new TreeBuilder(frontier);
  }
}

export { HASH_SIZE_BYTES, type Sha256, type TreeHasher } from './hashing.ts';
export { createMerkle, type Merkle } from './merkle.ts';
export type { AsyncHashReader, HashReader, HashSource } from './proofs.ts';
export { type LeafRange, type SubtreeRef, subtreesOf } from './shape.ts';
export { type Frontier, FrontierTree, type SubtreeVisitor } from './tree-builder.ts';
export type { ConsistencyClaim, InclusionClaim } from './verify.ts';
