import { EntryBundle } from './entry-bundle.ts';
import { edgesOf, placeOf } from './proof-plan.ts';
import { TileNodes } from './tile-nodes.ts';
import { TILE_WIDTH } from './tile-path.ts';
import { HASH_SIZE_BYTES } from './tree-hash.ts';

/** The rightmost tile of each level that holds a hash, lowest first, and the rightmost entry bundle. */
export interface TreeEdge {
  readonly size: number;
  readonly tiles: readonly TileNodes[];
  readonly bundle: EntryBundle;
}

/** What was added since the last cut and is not in the store yet. */
export interface TreeChange {
  readonly filledTiles: readonly TileNodes[];
  readonly filledBundles: readonly { readonly number: number; readonly bundle: EntryBundle }[];
  /** Rightmost tiles above level 0 that changed and are not full. */
  readonly partialTiles: readonly TileNodes[];
}

const nameOf = (level: number, number: number): string => `${level}/${number}`;

/**
 * The right edge of the log's tree in memory: one tile per level and the bundle being filled. A full tile stays the
 * rightmost of its level until its next hash comes, so the edge of a tree of any size is in these tiles.
 */
export class GrowingTree {
  readonly tiles: TileNodes[];
  bundle: EntryBundle;
  size: number;
  #filledTiles: TileNodes[] = [];
  #filledBundles: { number: number; bundle: EntryBundle }[] = [];
  readonly #changed = new Set<TileNodes>();
  /** Filled and maybe not in the store yet, by name and by number. */
  readonly #freshTiles = new Map<string, TileNodes>();
  readonly #freshBundles = new Map<number, EntryBundle>();

  constructor(edge: TreeEdge) {
    this.size = edge.size;
    this.tiles = [...edge.tiles];
    this.bundle = edge.bundle;
  }

  static empty(): GrowingTree {
    return new GrowingTree({ size: 0, tiles: [], bundle: new EntryBundle() });
  }

  /** Number of the bundle, and of the level 0 tile, that holds the last entry. */
  get bundleNumber(): number {
    return this.size === 0 ? 0 : Math.floor((this.size - 1) / TILE_WIDTH);
  }

  /** Returns the tile that holds the entry's leaf hash, at position index % 256. */
  append(data: Uint8Array): TileNodes {
    const tile = this.#openTile(0);
    if (tile.width === 0 && this.size > 0) this.bundle = new EntryBundle(this.bundle.sizeBytes + 1024);
    this.bundle.append(data, tile.buffer, tile.width * HASH_SIZE_BYTES);
    tile.commitNext();
    this.size++;
    if (tile.isFull) {
      this.#filledBundles.push({ number: tile.number, bundle: this.bundle });
      this.#freshBundles.set(tile.number, this.bundle);
      this.#carry(tile);
    }
    return tile;
  }

  /** The rightmost tile of a level, a new one where that is full or absent. */
  #openTile(level: number): TileNodes {
    const last = this.tiles[level];
    if (last && !last.isFull) return last;
    const next = new TileNodes(level, last ? last.number + 1 : 0);
    this.tiles[level] = next;
    return next;
  }

  #carry(full: TileNodes): void {
    this.#filledTiles.push(full);
    this.#freshTiles.set(nameOf(full.level, full.number), full);
    const parent = this.#openTile(full.level + 1);
    parent.append(full.root());
    if (parent.isFull) {
      this.#changed.delete(parent);
      this.#carry(parent);
    } else this.#changed.add(parent);
  }

  /** A rightmost tile, or one that the store may not have yet. */
  tileAt(level: number, number: number): TileNodes | undefined {
    const last = this.tiles[level];
    return last?.number === number ? last : this.#freshTiles.get(nameOf(level, number));
  }

  bundleAt(number: number): EntryBundle | undefined {
    return number === this.bundleNumber ? this.bundle : this.#freshBundles.get(number);
  }

  node(level: number, index: number): Uint8Array | undefined {
    const place = placeOf(level, index);
    return this.tileAt(place.tileLevel, place.tileNumber)?.node(place.height, place.position);
  }

  /** The last node of each level; the last is the root. None for the empty tree. */
  edges(): Uint8Array[] {
    return this.size === 0 ? [] : edgesOf(this.size, (level, index) => this.node(level, index));
  }

  takeChange(): TreeChange {
    const change = {
      filledTiles: this.#filledTiles,
      filledBundles: this.#filledBundles,
      partialTiles: [...this.#changed],
    };
    this.#filledTiles = [];
    this.#filledBundles = [];
    this.#changed.clear();
    return change;
  }

  /** The change is in the store. */
  settle(change: TreeChange): void {
    for (const tile of change.filledTiles) this.#freshTiles.delete(nameOf(tile.level, tile.number));
    for (const { number } of change.filledBundles) this.#freshBundles.delete(number);
  }
}
