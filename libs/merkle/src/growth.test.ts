import { sha256 } from '@lucid/crypto';
import * as native from './index.ts';

describe('growth, in counted hashes', () => {
  let calls = 0;
  const counted = native.createMerkle((...parts) => {
    calls++;
    return sha256(...parts);
  });
  const leafOf = new Uint8Array(32);
  const spent = (use: () => void): number => {
    calls = 0;
    use();
    return calls;
  };
  const exponent = (sizes: readonly [number, number], costs: readonly [number, number]): number =>
    Math.log(costs[1] / costs[0]) / Math.log(sizes[1] / sizes[0]);
  const build = (size: number) => {
    const tree = counted.createTree();
    for (let at = 0; at < size; at++) tree.append(leafOf);
    return tree;
  };

  it('building is linear: less than one node hash for each leaf', () => {
    const sizes = [1000, 32_000] as const;
    const costs = [spent(() => build(1000)), spent(() => build(32_000))] as const;
    expect(costs[1]).toBeLessThan(32_000);
    expect(exponent(sizes, costs)).toBeGreaterThan(0.98);
    expect(exponent(sizes, costs)).toBeLessThan(1.02);
  });

  it('roots, frontiers and proofs of a built tree are logarithmic', () => {
    for (const size of [1000, 4095, 32_767]) {
      const bits = Math.ceil(Math.log2(size + 1));
      const tree = build(size);
      expect(spent(() => tree.frontier())).toBe(0);
      expect(spent(() => tree.root())).toBeLessThan(bits);
      expect(spent(() => tree.root())).toBe(0);
      const uniform: native.HashReader = { readHashes: (refs) => refs.map(() => leafOf) };
      expect(spent(() => counted.inclusionProof(uniform, 0, size))).toBeLessThan(bits * 2);
      const proof = counted.inclusionProof(uniform, 5, size);
      const claim = { leafHash: leafOf, index: 5, size, proof, root: leafOf };
      expect(spent(() => counted.verifyInclusion(claim))).toBe(proof.length);
    }
  });

  it('a proof of a wrong length costs no hash at all', () => {
    const proof = new Array(1000).fill(leafOf) as Uint8Array[];
    const claim = { leafHash: leafOf, index: 5, size: 1000, proof, root: leafOf };
    expect(spent(() => counted.verifyInclusion(claim))).toBe(0);
    const grown = { first: 5, second: 1000, firstRoot: leafOf, secondRoot: leafOf, proof };
    expect(spent(() => counted.verifyConsistency(grown))).toBe(0);
  });
});
