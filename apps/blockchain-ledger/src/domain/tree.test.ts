import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { emptyRoot, leafHash, rootOfLeaves, verifyInclusion } from '@lucid/merkle';
import fc from 'fast-check';
import { EntryBundle, indexEntryBundle } from './entry-bundle.ts';
import { GrowingTree } from './growing-tree.ts';
import { inclusionPath } from './proof-plan.ts';
import type { TileNodes } from './tile-nodes.ts';
import { emptyTreeRoot } from './tree-hash.ts';

const entryOf = (index: number): Uint8Array =>
  new TextEncoder().encode(`entry ${index}`.padEnd(index % 7, '.'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function grown(size: number): { tree: GrowingTree; tiles: Map<string, TileNodes>; leaves: Uint8Array[] } {
  const tree = GrowingTree.empty();
  const tiles = new Map<string, TileNodes>();
  const leaves: Uint8Array[] = [];
  for (let index = 0; index < size; index++) {
    const tile = tree.append(entryOf(index));
    tiles.set(`0/${tile.number}`, tile);
    leaves.push(leafHash(entryOf(index)));
  }
  for (const tile of tree.takeChange().filledTiles) tiles.set(`${tile.level}/${tile.number}`, tile);
  for (const tile of tree.tiles) tiles.set(`${tile.level}/${tile.number}`, tile);
  return { tree, tiles, leaves };
}

describe('the growing tree hashes as RFC 9162', () => {
  test('the empty root', () => {
    expect(hex(emptyTreeRoot())).toBe(hex(emptyRoot));
  });

  test.each([1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 1000, 65_535, 65_536, 65_537, 66_049])(
    '%d entries',
    (size) => {
      const { tree, leaves } = grown(size);
      expect(hex(tree.edges().at(-1)!)).toBe(hex(rootOfLeaves(leaves)));
    },
  );

  test('every entry has its inclusion proof in every size', () => {
    const { tiles, leaves } = grown(600);
    for (let size = 1; size <= 600; size += 7) {
      const root = rootOfLeaves(leaves.slice(0, size));
      const { edges, node } = { edges: grown(size).tree.edges(), node: lookupIn(tiles) };
      for (let index = 0; index < size; index++) {
        const proof = inclusionPath({ index, size, edges }, node)!;
        const low = inclusionPath({ index, size, edges, untilLevel: 8 }, node)!;
        const high = inclusionPath({ index, size, edges, fromLevel: 8 }, node)!;
        expect([...low, ...high].map(hex)).toEqual(proof.map(hex));
        if (!verifyInclusion({ leafHash: leaves[index]!, index, size, proof, root }))
          throw new Error(`${index} of ${size}`);
      }
    }
  });

  test('a node that is not at hand gives no proof instead of a wrong one', () => {
    const { tree } = grown(600);
    expect(inclusionPath({ index: 0, size: 600, edges: tree.edges() }, () => undefined)).toBeUndefined();
  });
});

function lookupIn(tiles: Map<string, TileNodes>) {
  return (level: number, index: number): Uint8Array | undefined => {
    const height = level % 8;
    const tile = tiles.get(`${(level - height) / 8}/${Math.floor(index / 2 ** (8 - height))}`);
    return tile?.node(height, index % 2 ** (8 - height));
  };
}

describe('what a cut of the tree holds', () => {
  test('full tiles and bundles once, partial upper tiles whenever they changed', () => {
    const tree = GrowingTree.empty();
    const cutAfter = (count: number) => {
      for (let index = 0; index < count; index++) tree.append(entryOf(index));
      const { filledTiles, filledBundles, partialTiles } = tree.takeChange();
      return [
        filledTiles.map((tile) => `${tile.level}/${tile.number}`),
        filledBundles.map(({ number }) => number),
        partialTiles.map((tile) => `${tile.level}/${tile.number}.p/${tile.width}`),
      ];
    };
    expect(cutAfter(255)).toEqual([[], [], []]);
    expect(cutAfter(1)).toEqual([['0/0'], [0], ['1/0.p/1']]);
    expect(cutAfter(1)).toEqual([[], [], []]);
    expect(cutAfter(600)).toEqual([['0/1', '0/2'], [1, 2], ['1/0.p/3']]);
    const rest = cutAfter(65_536 - 857);
    expect(rest[0]).toHaveLength(254);
    expect(rest[0]!.at(-1)).toBe('1/0');
    expect(rest[2]).toEqual(['2/0.p/1']);
  });
});

describe('entry bundles', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 256 });

  test('come apart into what went in, whole and by segments', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const bundle = new EntryBundle(16);
        const hash = Buffer.alloc(32);
        for (const entry of list) {
          bundle.append(entry, hash, 0);
          expect(hex(hash)).toBe(hex(leafHash(entry)));
        }
        const bytes = bundle.segment(0, list.length);
        const offsets = indexEntryBundle(bytes, list.length)!;
        list.forEach((entry, position) => {
          expect(hex(bytes.subarray(offsets[position]! + 2, offsets[position + 1]))).toBe(hex(entry));
          expect(hex(bundle.entry(position))).toBe(hex(entry));
        });
        expect(indexEntryBundle(bytes.subarray(0, bytes.length - 1), list.length)).toBeNull();
        expect(indexEntryBundle(bytes, list.length + 1)).toBeNull();
        expect(indexEntryBundle(Buffer.concat([bytes, Buffer.of(0)]), list.length)).toBeNull();
      }),
    );
  });

  test('the encoding is a big-endian length and the bytes', () => {
    const bundle = new EntryBundle();
    bundle.append(Buffer.alloc(0x0102, 7), Buffer.alloc(32), 0);
    bundle.append(new Uint8Array(), Buffer.alloc(32), 0);
    expect(hex(bundle.segment(0, 2))).toBe(`0102${'07'.repeat(0x0102)}0000`);
  });

  test('an entry of the largest size', () => {
    const bundle = new EntryBundle();
    const entry = Buffer.alloc(0xffff, 1);
    const hash = Buffer.alloc(32);
    bundle.append(entry, hash, 0);
    expect(hex(hash)).toBe(hex(leafHash(entry)));
    expect(bundle.entry(0)).toHaveLength(0xffff);
  });
});

test('hashes of the RFC 6962 reference tree', () => {
  const path = join(__dirname, '../../../../../shared/vectors/rfc6962/tree.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (process.env.CI) throw new Error('vectors of rfc6962 are absent', { cause });
    console.warn('skipped: the shared vectors are not beside this clone');
    return;
  }
  const vectors = JSON.parse(text) as { leaves?: string[]; roots?: string[] };
  const tree = GrowingTree.empty();
  vectors.leaves!.forEach((leaf, index) => {
    tree.append(Buffer.from(leaf, 'hex'));
    expect(hex(tree.edges().at(-1)!)).toBe(vectors.roots![index + 1]);
  });
});
