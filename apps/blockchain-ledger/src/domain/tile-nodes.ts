import { TILE_WIDTH } from './tile-path.ts';
import { HASH_SIZE_BYTES, hashPairInto } from './tree-hash.ts';

/** Inside a tile there are 9 levels: 256 hashes, 128 parents, … 1 root. */
const NODES_IN_TILE = 2 * TILE_WIDTH - 1;
export const LEVELS_IN_TILE = 8;

const offsetOf = (height: number, position: number): number =>
  (2 * TILE_WIDTH - ((2 * TILE_WIDTH) >> height) + position) * HASH_SIZE_BYTES;

/**
 * One tile with every complete node inside it, in one buffer: level by level, so that the first 8192 bytes are the tile
 * as tlog-tiles serves it and two siblings lie side by side. It only grows: what was handed out stays as it is.
 */
export class TileNodes {
  readonly #nodes = Buffer.allocUnsafeSlow(NODES_IN_TILE * HASH_SIZE_BYTES);
  readonly level: number;
  readonly number: number;
  /** Hashes so far. */
  width = 0;

  constructor(level: number, number: number) {
    this.level = level;
    this.number = number;
  }

  static fromHashes(level: number, number: number, hashes: Uint8Array): TileNodes {
    const tile = new TileNodes(level, number);
    for (let offset = 0; offset < hashes.length; offset += HASH_SIZE_BYTES)
      tile.append(hashes.subarray(offset, offset + HASH_SIZE_BYTES));
    return tile;
  }

  get isFull(): boolean {
    return this.width === TILE_WIDTH;
  }

  append(hash: Uint8Array): void {
    this.#nodes.set(hash, this.width * HASH_SIZE_BYTES);
    this.commitNext();
  }

  /** Where the next hash goes, for a caller that writes it there himself and then calls `commitNext`. */
  get buffer(): Buffer {
    return this.#nodes;
  }

  /** Counts the hash at `width` and computes the parents it completes. */
  commitNext(): void {
    let position = this.width++;
    for (let height = 0; (position & 1) === 1; height++) {
      position >>= 1;
      hashPairInto(this.#nodes, offsetOf(height + 1, position), this.#nodes, offsetOf(height, 2 * position));
    }
  }

  /** A view, not a copy. Height 0 are the tile's hashes, 8 is its root. The node must be complete. */
  node(height: number, position: number): Buffer {
    const offset = offsetOf(height, position);
    return this.#nodes.subarray(offset, offset + HASH_SIZE_BYTES);
  }

  root(): Buffer {
    return this.node(LEVELS_IN_TILE, 0);
  }

  /** The first `width` hashes: a view of the tile as it is served. */
  hashes(width = this.width): Buffer {
    return this.#nodes.subarray(0, width * HASH_SIZE_BYTES);
  }
}
