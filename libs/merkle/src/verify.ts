/**
 * Verification of RFC 9162 proofs (sections 2.1.3.2 and 2.1.4.2). All arguments may come from an attacker: kinds, ranges and the
 * number of hashes are checked before anything is hashed, and the answer to a malformed proof is false, not an error.
 */
import { equalBytes } from '@lucid/bytes';
import type { TreeHasher } from './hashing.ts';
import { isHash } from './proofs.ts';
import { inclusionProofLength, isCount } from './shape.ts';

export interface InclusionClaim {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

export interface ConsistencyClaim {
  readonly first: number;
  readonly second: number;
  readonly firstRoot: Uint8Array;
  readonly secondRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

export interface TreeVerifier {
  verifyInclusion(claim: InclusionClaim): boolean;
  /** Any tree extends the empty one: `first` 0 is true with the empty root and an empty proof. */
  verifyConsistency(claim: ConsistencyClaim): boolean;
}

const isProof = (proof: unknown): proof is readonly Uint8Array[] =>
  Array.isArray(proof) && proof.every(isHash);
const half = (count: number): number => Math.floor(count / 2);

function verifyInclusion({ nodeHash }: TreeHasher, claim: InclusionClaim): boolean {
  const { leafHash, index, size, proof, root } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (!isHash(leafHash) || !isHash(root) || !isProof(proof)) return false;
  if (proof.length !== inclusionProofLength(index, size)) return false;
  let at = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      while (at % 2 === 0 && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, root);
}

/** Sizes with 0 < first < second. */
function rootsFit({ nodeHash }: TreeHasher, claim: ConsistencyClaim): boolean {
  const { first, second, firstRoot, secondRoot } = claim;
  let at = first - 1;
  let last = second - 1;
  while (at % 2 === 1) {
    at = half(at);
    last = half(last);
  }
  // `first` a power of two: its root is itself the node to start from.
  const path = at === 0 ? [firstRoot, ...claim.proof] : claim.proof;
  let firstHash = path[0];
  let secondHash = path[0];
  if (firstHash === undefined || secondHash === undefined) return false;
  for (const sibling of path.slice(1)) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      firstHash = nodeHash(sibling, firstHash);
      secondHash = nodeHash(sibling, secondHash);
      while (at % 2 === 0 && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      secondHash = nodeHash(secondHash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && equalBytes(firstHash, firstRoot) && equalBytes(secondHash, secondRoot);
}

/** Two hashes for each level of the tree at most, and one more. */
const CONSISTENCY_PROOF_MAX = 54;

function verifyConsistency(hasher: TreeHasher, claim: ConsistencyClaim): boolean {
  const { first, second, firstRoot, secondRoot, proof } = claim;
  if (!isCount(first) || !isCount(second) || first > second) return false;
  if (!isHash(firstRoot) || !isHash(secondRoot)) return false;
  if (!Array.isArray(proof) || proof.length > CONSISTENCY_PROOF_MAX || !isProof(proof)) return false;
  if (first === 0 && !equalBytes(firstRoot, hasher.emptyRoot)) return false;
  if (first === second) return proof.length === 0 && equalBytes(firstRoot, secondRoot);
  if (first === 0) return proof.length === 0;
  return rootsFit(hasher, claim);
}

export const createTreeVerifier = (hasher: TreeHasher): TreeVerifier => ({
  verifyInclusion: (claim) => verifyInclusion(hasher, claim),
  verifyConsistency: (claim) => verifyConsistency(hasher, claim),
});
