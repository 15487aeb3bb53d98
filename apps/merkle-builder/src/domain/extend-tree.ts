/** One append: the documents that a tree becomes. Nothing is written here. */
import { concatBytes } from '@lucid/bytes';
import { TreeBuilder } from '@lucid/merkle';
import {
  TILE_HASHES,
  TILE_LEVELS,
  type TileDocument,
  type TreeDocument,
  type TreeStore,
} from '../store/tree-store.ts';
import { hashAt, hashCount, splitHashes } from './hashes.ts';
import { readUpperTile } from './tile-reader.ts';

export const builderOf = (tree: TreeDocument): TreeBuilder =>
  TreeBuilder.fromFrontier({ size: tree.size, hashes: splitHashes(tree.frontier) });

export interface ExtendedTree {
  readonly tree: TreeDocument;
  readonly tiles: readonly TileDocument[];
}

/** Tiles that grow, by level: each begins with the hashes that it has already. */
async function openTiles(
  store: TreeStore,
  tree: TreeDocument,
  sizeAfter: number,
): Promise<Map<number, Uint8Array[]>> {
  const open = new Map([[0, splitHashes(tree.tail)]]);
  for (let level = 1, width = TILE_HASHES; width <= sizeAfter; level++, width *= TILE_HASHES) {
    const before = Math.floor(tree.size / width);
    if (Math.floor(sizeAfter / width) === before) break;
    const place = { level, tile: Math.floor(before / TILE_HASHES), count: before % TILE_HASHES };
    open.set(level, await readUpperTile(store, tree, place));
  }
  return open;
}

/** @throws ProblemError tree_damaged where a stored tile that must be continued is not there */
export async function extendTree(
  store: TreeStore,
  tree: TreeDocument,
  leaves: Uint8Array,
): Promise<ExtendedTree> {
  const { sessionId } = tree;
  const open = await openTiles(store, tree, tree.size + hashCount(leaves));
  const tiles = new Map<string, TileDocument>();
  const builder = builderOf(tree);
  const visit = (level: number, index: number, hash: Uint8Array) => {
    if (level % TILE_LEVELS !== 0) return;
    const tileLevel = level / TILE_LEVELS;
    const hashes = open.get(tileLevel) as Uint8Array[];
    hashes.push(hash);
    const tile = Math.floor(index / TILE_HASHES);
    const full = hashes.length === TILE_HASHES;
    // Level 0 lives in the tree document until it is full; the levels above change once in 256 leaves and more.
    if (full || tileLevel > 0)
      tiles.set(`${tileLevel}/${tile}`, {
        sessionId,
        level: tileLevel,
        tile,
        hashes: concatBytes(...hashes),
      });
    if (full) open.set(tileLevel, []);
  };
  for (let at = 0; at < hashCount(leaves); at++) builder.append(hashAt(leaves, at), visit);
  const frontier = concatBytes(...builder.frontier().hashes);
  const tail = concatBytes(...(open.get(0) as Uint8Array[]));
  return { tree: { ...tree, size: builder.size, frontier, tail }, tiles: [...tiles.values()] };
}
