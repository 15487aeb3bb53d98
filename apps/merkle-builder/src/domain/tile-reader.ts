/** Reads leaf hashes and complete subtrees of a stored tree. */
import { concatBytes } from '@lucid/bytes';
import { type AsyncHashReader, HASH_SIZE_BYTES, nodeHash, type SubtreeRef } from '@lucid/merkle';
import { problem } from '../problem.ts';
import { TILE_HASHES, TILE_LEVELS, type TreeDocument, type TreeStore, tileKey } from '../store/tree-store.ts';
import { hashAt, hashCount, splitHashes } from './hashes.ts';

/** Keys that one read of the store takes at most. */
const KEYS_PER_READ = 500;

interface Place {
  readonly level: number;
  readonly tile: number;
  /** First hash in the tile, and how many make up the subtree. */
  readonly from: number;
  readonly count: number;
}

function placeOf({ level, index }: SubtreeRef): Place {
  const count = 2 ** (level % TILE_LEVELS);
  const first = index * count;
  return {
    level: Math.floor(level / TILE_LEVELS),
    tile: Math.floor(first / TILE_HASHES),
    from: first % TILE_HASHES,
    count,
  };
}

function rootOfHashes(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, at) =>
      nodeHash(row[2 * at] as Uint8Array, row[2 * at + 1] as Uint8Array),
    );
  return row[0] as Uint8Array;
}

const tailTile = (tree: TreeDocument): number => Math.floor(tree.size / TILE_HASHES);

/** Tiles by key; the unfilled one of the tree document included. */
async function readTiles(
  store: TreeStore,
  tree: TreeDocument,
  places: readonly Pick<Place, 'level' | 'tile'>[],
): Promise<Map<string, Uint8Array>> {
  const found = new Map([[tileKey(tree.sessionId, 0, tailTile(tree)), tree.tail]]);
  const keys = [...new Set(places.map(({ level, tile }) => tileKey(tree.sessionId, level, tile)))];
  const missing = keys.filter((key) => !found.has(key));
  for (let at = 0; at < missing.length; at += KEYS_PER_READ) {
    const rows = await store.tiles.getMany(missing.slice(at, at + KEYS_PER_READ));
    for (const row of rows) if (row) found.set(row.key, row.document.hashes);
  }
  return found;
}

const tileMissing = (tree: TreeDocument, { level, tile }: Pick<Place, 'level' | 'tile'>) =>
  problem('tree_damaged', {
    detail: `Tile ${level}/${tile} of session ${tree.sessionId} is missing or too short.`,
  });

/** Complete subtrees of the tree as it was when `tree` was read. */
export const subtreeReader = (store: TreeStore, tree: TreeDocument): AsyncHashReader => ({
  async readHashes(refs) {
    const places = refs.map(placeOf);
    const tiles = await readTiles(store, tree, places);
    return places.map((place) => {
      const hashes = tiles.get(tileKey(tree.sessionId, place.level, place.tile));
      if (!hashes || hashCount(hashes) < place.from + place.count) throw tileMissing(tree, place);
      return rootOfHashes(
        Array.from({ length: place.count }, (_, offset) => hashAt(hashes, place.from + offset)),
      );
    });
  },
});

/** Leaf hashes `from` to `until - 1`, which the tree must have. */
export async function readLeaves(
  store: TreeStore,
  tree: TreeDocument,
  from: number,
  until: number,
): Promise<Uint8Array> {
  if (from >= until) return new Uint8Array(0);
  const first = Math.floor(from / TILE_HASHES);
  const last = Math.floor((until - 1) / TILE_HASHES);
  const places = Array.from({ length: last - first + 1 }, (_, offset) => ({
    level: 0,
    tile: first + offset,
  }));
  const tiles = await readTiles(store, tree, places);
  const parts = places.map((place) => {
    const hashes = tiles.get(tileKey(tree.sessionId, 0, place.tile));
    const start = Math.max(from - place.tile * TILE_HASHES, 0);
    const end = Math.min(until - place.tile * TILE_HASHES, TILE_HASHES);
    if (!hashes || hashCount(hashes) < end) throw tileMissing(tree, place);
    return hashes.subarray(start * HASH_SIZE_BYTES, end * HASH_SIZE_BYTES);
  });
  return concatBytes(...parts);
}

/** The first `count` hashes of a tile above the leaves. */
export async function readUpperTile(
  store: TreeStore,
  tree: TreeDocument,
  place: { readonly level: number; readonly tile: number; readonly count: number },
): Promise<Uint8Array[]> {
  if (place.count === 0) return [];
  const row = await store.tiles.get(tileKey(tree.sessionId, place.level, place.tile));
  if (!row || hashCount(row.document.hashes) < place.count) throw tileMissing(tree, place);
  return splitHashes(row.document.hashes).slice(0, place.count);
}
