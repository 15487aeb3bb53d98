import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, hexToBytes, u64ToBytes } from '@lucid/bytes';
import * as native from './index.ts';
import * as portable from './portable.ts';

interface TreeVectors {
  readonly leaves: readonly string[];
  readonly roots: readonly string[];
  readonly inclusion: readonly { index: number; size: number; proof: string[] }[];
  readonly consistency: readonly { size1: number; size2: number; proof: string[] }[];
}

const own = join(__dirname, '../../../vectors/rfc6962/tree.json');
const { leaves, roots, inclusion, consistency } = JSON.parse(readFileSync(own, 'utf8')) as TreeVectors;
const shared = join(__dirname, '../../../../shared/vectors/rfc6962/tree.json');

describe.each([
  ['native', native],
  ['portable', portable],
])('RFC 6962 vectors, %s', (_, merkle) => {
  const hashes = leaves.map((leaf) => merkle.leafHash(hexToBytes(leaf)));

  it('gives every root', () => {
    expect(roots).toHaveLength(34);
    const tree = new merkle.TreeBuilder();
    for (let size = 0; size <= 33; size++) {
      expect(bytesToHex(merkle.rootOfLeaves(hashes.slice(0, size)))).toBe(roots[size]);
      expect(bytesToHex(tree.root())).toBe(roots[size]);
      if (size < 33) tree.append(hashes[size]!);
    }
  });

  it('gives and accepts every inclusion proof', () => {
    expect(inclusion).toHaveLength(142);
    for (const { index, size, proof } of inclusion) {
      expect(merkle.inclusionProof(hashes, index, size).map(bytesToHex)).toEqual(proof);
      const root = hexToBytes(roots[size]!);
      const claim = { leafHash: hashes[index]!, index, size, proof: proof.map(hexToBytes), root };
      expect(merkle.verifyInclusion(claim)).toBe(true);
    }
  });

  it('gives and accepts every consistency proof', () => {
    expect(consistency).toHaveLength(142);
    for (const { size1: first, size2: second, proof } of consistency) {
      expect(merkle.consistencyProof(hashes, first, second).map(bytesToHex)).toEqual(proof);
      const [firstRoot, secondRoot] = [hexToBytes(roots[first]!), hexToBytes(roots[second]!)];
      expect(
        merkle.verifyConsistency({ first, second, firstRoot, secondRoot, proof: proof.map(hexToBytes) }),
      ).toBe(true);
    }
  });

  it('agrees on a tree of 1000 leaves', () => {
    const many = Array.from({ length: 1000 }, (_unused, at) => merkle.leafHash(u64ToBytes(at)));
    expect(merkle.rootOfLeaves(many)).toEqual(
      native.rootOfLeaves(many),
    );
  });
});

it('has the vectors unchanged', () => {
  if (!existsSync(shared)) {
    if (process.env.CI !== undefined) throw new Error('shared vectors are missing in CI');
    console.warn('skipped: ../shared/vectors/rfc6962 is not here; the copy in vectors/ was used');
    return;
  }
  expect(JSON.parse(readFileSync(own, 'utf8'))).toEqual(JSON.parse(readFileSync(shared, 'utf8')));
});
