import type { KvStore } from '@lucid/kv-store';
import type { AsyncHashReader, SubtreeRef } from '@lucid/merkle';
import { indexEntryBundle } from './entry-bundle.ts';
import type { GrowingTree, TreeChange } from './growing-tree.ts';
import { LedgerError } from './ledger-error.ts';
import { placeOf } from './proof-plan.ts';
import { bundleKey, tileKey } from './store-keys.ts';
import { TileNodes } from './tile-nodes.ts';
import { formatTilePath, TILE_WIDTH } from './tile-path.ts';
import { HASH_SIZE_BYTES, hashPrefixedInto } from './tree-hash.ts';

/** 256 tiles of 16 KiB: two full commits of new tiles stay at hand, and the upper tiles of random reads. */
const CACHED_TILES = 256;

const nameOf = (level: number, number: number): string => `${level}/${number}`;

const damaged = (path: string, what: string): LedgerError =>
  new LedgerError('ledger_damaged', { detail: `${path} ${what}` });

/**
 * Reads tiles and bundles and believes none of them: a full tile's root must be the hash its parent tile holds, up to
 * the right edge of the tree, which the signed head covers; a bundle's entries must hash to its tile.
 */
export class TileReader implements AsyncHashReader {
  readonly #kv: KvStore;
  readonly #tree: GrowingTree;
  /** Insertion order is order of use. */
  readonly #cache = new Map<string, TileNodes>();
  /** The full bundle that an entry was read from last, checked. */
  #lastBundle: { number: number; bundle: Uint8Array; offsets: number[] } | undefined;

  constructor(kv: KvStore, tree: GrowingTree) {
    this.#kv = kv;
    this.#tree = tree;
  }

  /** The change is in the store; its tiles stay at hand for the proofs of its entries. */
  settle(change: TreeChange): void {
    for (const tile of change.filledTiles) this.#remember(tile);
    this.#tree.settle(change);
  }

  #remember(tile: TileNodes): void {
    const name = nameOf(tile.level, tile.number);
    this.#cache.delete(name);
    this.#cache.set(name, tile);
    if (this.#cache.size <= CACHED_TILES) return;
    const oldest = this.#cache.keys().next().value as string;
    this.#cache.delete(oldest);
  }

  /** The tile if it is in memory. */
  peek(level: number, number: number): TileNodes | undefined {
    return this.#tree.tileAt(level, number) ?? this.#cache.get(nameOf(level, number));
  }

  /** The complete node if its tile is in memory. */
  readonly node = (level: number, index: number): Uint8Array | undefined => {
    const place = placeOf(level, index);
    return this.peek(place.tileLevel, place.tileNumber)?.node(place.height, place.position);
  };

  /** A tile of the tree; one that is not in memory is full, and is checked. */
  async tile(level: number, number: number): Promise<TileNodes> {
    const known = this.peek(level, number);
    if (known) return known;
    const tile = await this.#readTile(level, number);
    const parent = await this.tile(level + 1, Math.floor(number / TILE_WIDTH));
    if (!tile.root().equals(parent.node(0, number % TILE_WIDTH)))
      throw damaged(formatTilePath({ level, number, width: TILE_WIDTH }), 'is not what its parent says');
    this.#remember(tile);
    return tile;
  }

  async #readTile(level: number, number: number): Promise<TileNodes> {
    const path = formatTilePath({ level, number, width: TILE_WIDTH });
    // Above the top there is nothing that could vouch for a tile.
    if (level >= this.#tree.tiles.length) throw damaged(path, 'is above the tree');
    const hashes = await this.#kv.get(tileKey(level, number));
    if (hashes?.length !== TILE_WIDTH * HASH_SIZE_BYTES)
      throw damaged(path, hashes ? 'has a wrong size' : 'is missing');
    return TileNodes.fromHashes(level, number, hashes);
  }

  /** The first `width` entries of a bundle, encoded; the caller knows that the tree holds them. */
  async entries(number: number, width: number): Promise<Uint8Array> {
    const inMemory = this.#tree.bundleAt(number);
    if (inMemory) return inMemory.segment(0, width);
    const { bundle, offsets } = await this.#checkedBundle(number);
    return bundle.subarray(0, offsets[width]);
  }

  /** One entry's bytes. */
  async entry(index: number): Promise<Uint8Array> {
    const number = Math.floor(index / TILE_WIDTH);
    const position = index % TILE_WIDTH;
    const inMemory = this.#tree.bundleAt(number);
    if (inMemory) return inMemory.entry(position);
    // Whoever reads entries in their order reads and checks each bundle once.
    if (this.#lastBundle?.number !== number)
      this.#lastBundle = { number, ...(await this.#checkedBundle(number)) };
    const { bundle, offsets } = this.#lastBundle;
    return bundle.subarray((offsets[position] as number) + 2, offsets[position + 1]);
  }

  async #checkedBundle(number: number): Promise<{ bundle: Uint8Array; offsets: number[] }> {
    const path = formatTilePath({ level: 'entries', number, width: TILE_WIDTH });
    const bundle = await this.#kv.get(bundleKey(number));
    if (!bundle) throw damaged(path, 'is missing');
    const offsets = indexEntryBundle(bundle, TILE_WIDTH);
    if (!offsets) throw damaged(path, 'is not 256 entries');
    const tile = await this.tile(0, number);
    const wrong = firstWrongEntry(bundle, offsets, tile);
    if (wrong !== -1)
      throw damaged(path, `holds another entry ${number * TILE_WIDTH + wrong} than the log signed`);
    return { bundle, offsets };
  }

  /** Complete subtrees, for proofs of any tree of the log. */
  async readHashes(refs: readonly SubtreeRef[]): Promise<Uint8Array[]> {
    const hashes: Uint8Array[] = [];
    for (const { level, index } of refs) {
      const place = placeOf(level, index);
      const tile = await this.tile(place.tileLevel, place.tileNumber);
      hashes.push(tile.node(place.height, place.position));
    }
    return hashes;
  }

  /** Reads and checks bundles and tiles `from` (inclusive) to `until`, all full. */
  async check(from: number, until: number): Promise<void> {
    for (let number = from; number < until; number++) await this.#checkedBundle(number);
  }
}

/** Position of the first entry whose leaf hash is not the tile's; -1 where all are. */
function firstWrongEntry(bundle: Uint8Array, offsets: readonly number[], tile: TileNodes): number {
  const input = Buffer.allocUnsafe(1 + 0xffff);
  input[0] = 0;
  const leaf = Buffer.allocUnsafe(HASH_SIZE_BYTES);
  for (let position = 0; position + 1 < offsets.length; position++) {
    const entry = bundle.subarray((offsets[position] as number) + 2, offsets[position + 1]);
    input.set(entry, 1);
    hashPrefixedInto(leaf, 0, input.subarray(0, 1 + entry.length));
    if (!leaf.equals(tile.node(0, position))) return position;
  }
  return -1;
}
