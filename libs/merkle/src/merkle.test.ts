import { bytesToHex, hexToBytes } from '@lucid/bytes';
import { ownVector, sharedVector } from '../../../vectors/locate.ts';
import * as native from './index.ts';
import * as portable from './portable.ts';

interface TreeVectors {
  readonly leaves: readonly string[];
  readonly roots: readonly string[];
  readonly inclusion: readonly { index: number; size: number; proof: string[] }[];
  readonly consistency: readonly { size1: number; size2: number; proof: string[] }[];
}

const { leaves, roots, inclusion, consistency } = JSON.parse(ownVector('rfc6962/tree.json')) as TreeVectors;
const rootsOfVectors = roots.map(hexToBytes);

const flipBit = (bytes: Uint8Array, bit: number): Uint8Array => {
  const changed = bytes.slice();
  changed[bit >> 3]! ^= 1 << (bit & 7);
  return changed;
};

/** Each way to spoil a proof: one bit of each node, a node dropped or added anywhere, two neighbours swapped. */
function* spoiled(proof: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (let at = 0; at < proof.length; at++) {
    for (const bit of [0, 100, 255]) yield proof.with(at, flipBit(proof[at]!, bit));
    yield proof.toSpliced(at, 1);
    yield proof.with(at, proof[at]!.subarray(1));
    if (at > 0) yield proof.with(at, proof[at - 1]!).with(at - 1, proof[at]!);
  }
  for (let at = 0; at <= proof.length; at++) {
    yield proof.toSpliced(at, 0, new Uint8Array(32));
    if (at > 0) yield proof.toSpliced(at, 0, proof[at - 1]!);
  }
}

describe.each([
  ['native', native],
  ['portable', portable],
])('RFC 6962 vectors, %s', (_, merkle) => {
  const hashes = leaves.map((leaf) => merkle.leafHash(hexToBytes(leaf)));
  const inclusionClaims = inclusion.map(({ index, size, proof }) => ({
    leafHash: hashes[index]!,
    index,
    size,
    proof: proof.map(hexToBytes),
    root: rootsOfVectors[size]!,
  }));
  const consistencyClaims = consistency.map(({ size1, size2, proof }) => ({
    first: size1,
    second: size2,
    firstRoot: rootsOfVectors[size1]!,
    secondRoot: rootsOfVectors[size2]!,
    proof: proof.map(hexToBytes),
  }));

  it('gives every root', () => {
    expect(roots).toHaveLength(34);
    const tree = new merkle.TreeBuilder();
    for (let size = 0; size <= 33; size++) {
      expect(bytesToHex(merkle.rootOfLeaves(hashes.slice(0, size)))).toBe(roots[size]);
      expect(bytesToHex(tree.root())).toBe(roots[size]);
      if (size < 33) tree.append(hashes[size]!);
    }
    expect(bytesToHex(merkle.emptyRoot)).toBe(roots[0]);
  });

  it('gives and accepts every inclusion proof', () => {
    expect(inclusionClaims).toHaveLength(142);
    for (const claim of inclusionClaims) {
      expect(merkle.inclusionProof(hashes, claim.index, claim.size)).toEqual(claim.proof);
      expect(merkle.verifyInclusion(claim)).toBe(true);
    }
  });

  it('gives and accepts every consistency proof', () => {
    expect(consistencyClaims).toHaveLength(142);
    for (const claim of consistencyClaims) {
      expect(merkle.consistencyProof(hashes, claim.first, claim.second)).toEqual(claim.proof);
      expect(merkle.verifyConsistency(claim)).toBe(true);
    }
  });

  it('refuses every spoiled inclusion proof', () => {
    for (const claim of inclusionClaims) {
      for (const proof of spoiled(claim.proof)) {
        expect(merkle.verifyInclusion({ ...claim, proof })).toBe(false);
      }
      for (const changed of [
        { ...claim, index: claim.index + 1 },
        { ...claim, index: claim.index - 1 },
        { ...claim, leafHash: flipBit(claim.leafHash, 9) },
        { ...claim, leafHash: claim.leafHash.subarray(1) },
        { ...claim, root: flipBit(claim.root, 9) },
        { ...claim, root: claim.root.subarray(1) },
      ]) {
        expect(merkle.verifyInclusion(changed)).toBe(false);
      }
    }
  });

  it('refuses every spoiled consistency proof', () => {
    for (const claim of consistencyClaims) {
      for (const proof of spoiled(claim.proof)) {
        expect(merkle.verifyConsistency({ ...claim, proof })).toBe(false);
      }
      for (const changed of [
        { ...claim, firstRoot: flipBit(claim.firstRoot, 9) },
        { ...claim, secondRoot: flipBit(claim.secondRoot, 9) },
        { ...claim, firstRoot: claim.firstRoot.subarray(1) },
        { ...claim, secondRoot: claim.secondRoot.subarray(1) },
        { ...claim, first: claim.second + 1 },
      ]) {
        expect(merkle.verifyConsistency(changed)).toBe(false);
      }
    }
  });

  it('refuses a proof that goes on past the root, whatever roots are claimed', () => {
    const claim = consistencyClaims.find((each) => each.first === 3 && each.second === 5)!;
    const beyond = new Uint8Array(32);
    const longer = {
      ...claim,
      proof: [...claim.proof, beyond],
      firstRoot: merkle.nodeHash(beyond, claim.firstRoot),
      secondRoot: merkle.nodeHash(beyond, claim.secondRoot),
    };
    expect(merkle.verifyConsistency(longer)).toBe(false);
  });

  it('refuses another size with the true root of the claimed size', () => {
    for (const claim of inclusionClaims) {
      for (const size of [claim.size - 1, claim.size + 1]) {
        const root = rootsOfVectors[size];
        if (root !== undefined) expect(merkle.verifyInclusion({ ...claim, size, root })).toBe(false);
      }
    }
    for (const claim of consistencyClaims) {
      for (const by of [-1, 1]) {
        const [first, second] = [claim.first + by, claim.second + by];
        const [firstRoot, secondRoot] = [rootsOfVectors[first], rootsOfVectors[second]];
        // Nothing is needed to extend the empty tree or a tree to itself, and the empty proof is then right.
        if (firstRoot !== undefined && first > 0 && first !== claim.second) {
          expect(merkle.verifyConsistency({ ...claim, first, firstRoot })).toBe(false);
        }
        if (secondRoot !== undefined && second !== claim.first) {
          expect(merkle.verifyConsistency({ ...claim, second, secondRoot })).toBe(false);
        }
      }
    }
  });

  it('answers malformed claims with false, never with an error', () => {
    const good = inclusionClaims[5]!;
    const grown = consistencyClaims[5]!;
    const odd = [
      undefined,
      null,
      -1,
      0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      '1',
      1n,
      {},
      [],
      [1],
    ];
    for (const member of ['leafHash', 'index', 'size', 'proof', 'root']) {
      for (const value of odd) {
        const claim = { ...good, [member]: value } as unknown as native.InclusionClaim;
        expect(merkle.verifyInclusion(claim)).toBe(false);
      }
    }
    for (const member of ['first', 'second', 'firstRoot', 'secondRoot', 'proof']) {
      for (const value of odd) {
        const claim = { ...grown, [member]: value } as unknown as native.ConsistencyClaim;
        const stillEmpty = member === 'proof' && Array.isArray(value) && value.length === grown.proof.length;
        if (!stillEmpty) expect(merkle.verifyConsistency(claim)).toBe(false);
      }
    }
  });
});

it('has the vectors of the shared set unchanged', () => {
  const shared = sharedVector('rfc6962/tree.json');
  if (shared !== null) expect(shared).toBe(ownVector('rfc6962/tree.json'));
});
