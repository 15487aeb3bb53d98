/**
 * Paths of C2SP tlog-tiles (https://c2sp.org/tlog-tiles): `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`.
 *
 * N is cut into groups of three digits, each but the last with an `x` before it: 1234067 is `x001/x234/067`.
 * A tile or bundle holds 256 hashes or entries; a partial one says its width W, 1 to 255, after `.p/`.
 */
export const TILE_WIDTH = 256;

export interface TileCoordinates {
  /** Tile level 0 to 63; a hash of level L covers 256^L entries. `entries` for an entry bundle. */
  readonly level: number | 'entries';
  readonly number: number;
  /** 1 to 256; 256 is a full tile. */
  readonly width: number;
}

const MAX_LEVEL = 63;
const PATTERN = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

export function formatTileNumber(number: number): string {
  const digits = String(number);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) as string[];
  return groups.map((group, index) => (index < groups.length - 1 ? `x${group}` : group)).join('/');
}

export function formatTilePath(tile: TileCoordinates): string {
  const partial = tile.width === TILE_WIDTH ? '' : `.p/${tile.width}`;
  return `tile/${tile.level}/${formatTileNumber(tile.number)}${partial}`;
}

/** Null where the path is not exactly what `formatTilePath` writes for some tile. */
export function parseTilePath(path: string): TileCoordinates | null {
  const match = PATTERN.exec(path);
  if (match === null) return null;
  const [, level = '', groups = '', width] = match;
  const tile: TileCoordinates = {
    level: level === 'entries' ? level : Number(level),
    number: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  if (tile.level !== 'entries' && tile.level > MAX_LEVEL) return null;
  if (!Number.isSafeInteger(tile.number) || (width !== undefined && tile.width >= TILE_WIDTH)) return null;
  // One spelling each: x000/001 is not the path of tile 1.
  return formatTileNumber(tile.number) === groups ? tile : null;
}
