import { concatBytes, u64ToBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import fc from 'fast-check';
import * as native from './index.ts';

describe('against the definition of RFC 9162, written naively', () => {
  const split = (count: number): number => 2 ** Math.ceil(Math.log2(count) - 1);
  const leaf = (at: number): Uint8Array => native.leafHash(u64ToBytes(at));
  const many = Array.from({ length: 300 }, (_, at) => leaf(at));

  function mth(hashes: readonly Uint8Array[]): Uint8Array {
    if (hashes.length === 0) return sha256(new Uint8Array(0));
    if (hashes.length === 1) return hashes[0]!;
    const k = split(hashes.length);
    return sha256(concatBytes(new Uint8Array([1]), mth(hashes.slice(0, k)), mth(hashes.slice(k))));
  }
  function path(m: number, hashes: readonly Uint8Array[]): Uint8Array[] {
    if (hashes.length === 1) return [];
    const k = split(hashes.length);
    return m < k
      ? [...path(m, hashes.slice(0, k)), mth(hashes.slice(k))]
      : [...path(m - k, hashes.slice(k)), mth(hashes.slice(0, k))];
  }
  function subproof(m: number, hashes: readonly Uint8Array[], known: boolean): Uint8Array[] {
    if (m === hashes.length) return known ? [] : [mth(hashes)];
    const k = split(hashes.length);
    return m <= k
      ? [...subproof(m, hashes.slice(0, k), known), mth(hashes.slice(k))]
      : [...subproof(m - k, hashes.slice(k), false), mth(hashes.slice(0, k))];
  }

  /** What a store keeps: exactly the subtrees the builder hands out. */
  const stored = new Map<string, Uint8Array>();
  const builder = new native.TreeBuilder();
  for (const each of many)
    builder.append(each, (level, index, hash) => stored.set(`${level}/${index}`, hash));
  let batches = 0;
  let reads = 0;
  const reader: native.HashReader = {
    readHashes(refs) {
      batches++;
      reads += refs.length;
      return refs.map(({ level, index }) => {
        const hash = stored.get(`${level}/${index}`);
        if (hash === undefined)
          throw new Error(`asked for a subtree that is not complete: ${level}/${index}`);
        return hash;
      });
    },
  };
  const later: native.AsyncHashReader = { readHashes: async (refs) => reader.readHashes(refs) };

  it('roots and proofs, from leaves and from stored hashes, at once and later', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), async (size, a, b) => {
        const index = a % size;
        const first = 1 + (b % size);
        const hashes = many.slice(0, size);
        const root = mth(hashes);
        const inclusionProof = path(index, hashes);
        const consistencyProof = subproof(first, hashes, true);
        for (const source of [hashes, many, reader]) {
          expect(native.rootAt(source, size)).toEqual(root);
          expect(native.inclusionProof(source, index, size)).toEqual(inclusionProof);
          expect(native.consistencyProof(source, first, size)).toEqual(consistencyProof);
        }
        expect(await native.rootAtAsync(later, size)).toEqual(root);
        expect(await native.inclusionProofAsync(later, index, size)).toEqual(inclusionProof);
        expect(await native.consistencyProofAsync(later, first, size)).toEqual(consistencyProof);
        const leafHash = many[index]!;
        expect(native.verifyInclusion({ leafHash, index, size, proof: inclusionProof, root })).toBe(true);
        const firstRoot = mth(hashes.slice(0, first));
        const claim = { first, second: size, firstRoot, secondRoot: root, proof: consistencyProof };
        expect(native.verifyConsistency(claim)).toBe(true);
      }),
    );
  });

  it('a builder resumed from any frontier goes on as if never stopped', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), (a, b) => {
        const [stop, size] = [Math.min(a, b), Math.max(a, b)];
        const begun = new native.TreeBuilder();
        for (const each of many.slice(0, stop)) begun.append(each);
        const saved = begun.frontier();
        const resumed = native.TreeBuilder.fromFrontier(saved);
        for (const each of many.slice(stop, size)) resumed.append(each);
        expect(resumed.size).toBe(size);
        expect(resumed.root()).toEqual(mth(many.slice(0, size)));
        expect(begun.frontier()).toEqual(saved);
      }),
    );
  });

  it('hands out each complete subtree once', () => {
    const complete = (size: number): number => (size < 1 ? 0 : size + complete(Math.floor(size / 2)));
    expect(stored.size).toBe(complete(300));
    for (const [ref, hash] of stored) {
      const [level, index] = ref.split('/').map(Number) as [number, number];
      expect(hash).toEqual(mth(many.slice(index * 2 ** level, (index + 1) * 2 ** level)));
    }
  });

  it('copies what it is given and what it gives', () => {
    const own = leaf(1);
    const tree = new native.TreeBuilder();
    tree.append(own);
    own.fill(0);
    expect(tree.root()).toEqual(leaf(1));
    tree.root().fill(0);
    (tree.frontier().hashes[0] as Uint8Array).fill(0);
    expect(tree.root()).toEqual(leaf(1));
  });

  it('reads a few hashes in one batch, however large the tree', () => {
    const huge = 2 ** 50 - 3;
    const counting: native.HashReader = {
      readHashes(refs) {
        batches++;
        reads += refs.length;
        for (const { level, index } of refs) expect((index + 1) * 2 ** level).toBeLessThanOrEqual(huge);
        return refs.map(({ level, index }) => sha256(u64ToBytes(level), u64ToBytes(index)));
      },
    };
    for (const index of [0, 1, 2 ** 32, 2 ** 32 + 1, 2 ** 49 - 1, 2 ** 49, huge - 1]) {
      [batches, reads] = [0, 0];
      const proof = native.inclusionProof(counting, index, huge);
      expect(batches).toBe(1);
      expect(reads).toBeLessThanOrEqual(2 * 50);
      expect(proof.length).toBeLessThanOrEqual(50);
    }
  });

  it('verifies positions beyond 32 bits', () => {
    // A tree of equal leaves: every complete subtree of one level has the same hash, so 2^40 leaves need 41 hashes.
    const levels: Uint8Array[] = [leaf(0)];
    for (let level = 1; level <= 41; level++)
      levels.push(native.nodeHash(levels[level - 1]!, levels[level - 1]!));
    const uniform: native.HashReader = { readHashes: (refs) => refs.map(({ level }) => levels[level]!) };
    fc.assert(
      fc.property(fc.integer({ min: 2 ** 33, max: 2 ** 41 }), fc.maxSafeNat(), (size, at) => {
        const index = at % size;
        const first = 1 + (at % size);
        const root = native.rootAt(uniform, size);
        const proof = native.inclusionProof(uniform, index, size);
        const claim = { leafHash: leaf(0), index, size, proof, root };
        expect(native.verifyInclusion(claim)).toBe(true);
        expect(native.verifyInclusion({ ...claim, root: leaf(1) })).toBe(false);
        const grown = {
          first,
          second: size,
          firstRoot: native.rootAt(uniform, first),
          secondRoot: root,
          proof: native.consistencyProof(uniform, first, size),
        };
        expect(native.verifyConsistency(grown)).toBe(true);
        expect(native.verifyConsistency({ ...grown, firstRoot: leaf(1) })).toBe(false);
      }),
    );
  });

  it('checks the arguments of generators', () => {
    expect(() => native.inclusionProof(many, 300, 300)).toThrow(RangeError);
    expect(() => native.inclusionProof(many, -1, 300)).toThrow(RangeError);
    expect(() => native.inclusionProof(many, 0, 301)).toThrow(RangeError);
    expect(() => native.inclusionProof(many, 0, '1' as unknown as number)).toThrow(TypeError);
    expect(() => native.consistencyProof(many, 5, 4)).toThrow(RangeError);
    expect(() => native.consistencyProof(many, 1, 301)).toThrow(RangeError);
    expect(native.consistencyProof(many, 0, 5)).toEqual([]);
    expect(() => native.rootAt({ readHashes: () => [] }, 3)).toThrow(RangeError);
    expect(() => native.rootAt({ readHashes: () => [new Uint8Array(31)] }, 1)).toThrow(RangeError);
    expect(() => native.nodeHash(new Uint8Array(31), leaf(0))).toThrow(RangeError);
    expect(() => new native.TreeBuilder().append(new Uint8Array(31))).toThrow(RangeError);
    expect(() => native.TreeBuilder.fromFrontier({ size: 3, hashes: [leaf(0)] })).toThrow(RangeError);
    expect(() => native.TreeBuilder.fromFrontier({ size: 2, hashes: [leaf(0), leaf(1)] })).toThrow(
      RangeError,
    );
    expect(() => native.TreeBuilder.fromFrontier({ size: -1, hashes: [] })).toThrow(RangeError);
  });

  it('a tree extends the empty one and itself, with an empty proof only', () => {
    const [empty, grown] = [native.emptyRoot, mth(many.slice(0, 5))];
    const fromEmpty = { first: 0, second: 5, firstRoot: empty, secondRoot: grown, proof: [] };
    expect(native.verifyConsistency(fromEmpty)).toBe(true);
    expect(native.verifyConsistency({ ...fromEmpty, proof: [grown] })).toBe(false);
    expect(native.verifyConsistency({ ...fromEmpty, firstRoot: grown })).toBe(false);
    expect(native.verifyConsistency({ ...fromEmpty, second: 0, secondRoot: empty })).toBe(true);
    expect(native.verifyConsistency({ ...fromEmpty, second: 0 })).toBe(false);
  });
});
