/**
 * How a tree lies in documents.
 *
 * The tree document holds what the next append needs: size, frontier and the last, not yet full block of leaf hashes; so a small
 * append is one write. Full blocks of 256 hashes are tiles: level 0 has leaf hashes, level n the roots of 256^n leaves (the
 * shape of https://c2sp.org/tlog-tiles), so a proof reads a handful of tiles whatever the size of the tree. Tiles of a batch that
 * did not reach the tree document are beyond its size: nobody reads them, and they are written again.
 */
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

export const TILE_HASHES = 256;
/** log2 of TILE_HASHES: levels of the tree in one tile. */
export const TILE_LEVELS = 8;

export interface TreeDocument {
  readonly sessionId: string;
  readonly size: number;
  /** Hashes of the complete subtrees, 32 bytes for each bit set in `size`, largest subtree first. */
  readonly frontier: Uint8Array;
  /** Leaf hashes that do not fill a tile yet: `size % 256`, 32 bytes each. */
  readonly tail: Uint8Array;
  readonly final: boolean;
  /** Text of the newest signed checkpoint, and its size. */
  readonly checkpoint?: string | undefined;
  readonly signedSize?: number | undefined;
  /** When the first leaf beyond the newest checkpoint was added, milliseconds since 1970; absent where all are signed. */
  readonly unsignedSinceMs?: number | undefined;
  /** Only the fact remains, so that the id can never begin another tree. */
  readonly deleted?: boolean | undefined;
}

export interface TileDocument {
  readonly sessionId: string;
  readonly level: number;
  readonly tile: number;
  /** Up to 256 hashes; those of level 0 are full. */
  readonly hashes: Uint8Array;
}

export const tileKey = (sessionId: string, level: number, tile: number): string =>
  `${sessionId}/${level}/${String(tile).padStart(14, '0')}`;

const trees = defineCollection<TreeDocument>({
  name: 'merkle-trees',
  key: (tree) => tree.sessionId,
  indexes: [{ name: 'unsigned', fields: ['unsignedSinceMs'] }],
});

const tiles = defineCollection<TileDocument>({
  name: 'merkle-tiles',
  key: ({ sessionId, level, tile }) => tileKey(sessionId, level, tile),
  indexes: [],
});

export interface TreeStore {
  readonly documents: DocumentStore;
  readonly trees: Collection<TreeDocument>;
  readonly tiles: Collection<TileDocument>;
}

export const openTreeStore = async (documents: DocumentStore): Promise<TreeStore> => ({
  documents,
  trees: await documents.collection(trees),
  tiles: await documents.collection(tiles),
});
