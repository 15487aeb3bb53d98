import type { EntryProof } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Head } from '../domain/head.ts';
import type { Log } from '../domain/log.ts';
import { TILE_WIDTH } from '../domain/tile-path.ts';

const LEVELS_IN_TILE = 8;

const toHex = (hash: Uint8Array): string =>
  Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex');

/** Above their tile all entries of a commit share one path; its text is made once per head and tile. */
const sharedPaths = new WeakMap<Head, Map<number, readonly string[]>>();

function pathAbove(log: Log, index: number, head: Head): readonly string[] | undefined {
  const tile = Math.floor(index / TILE_WIDTH);
  const paths = sharedPaths.get(head) ?? new Map<number, readonly string[]>();
  const known = paths.get(tile);
  if (known) return known;
  const path = log.pathInMemory({ index, head }, { fromLevel: LEVELS_IN_TILE })?.map(toHex);
  if (path) sharedPaths.set(head, paths.set(tile, path));
  return path;
}

/** Where an entry is and its path in `head`, ready for the wire. */
export async function entryProofOf(
  log: Log,
  { index, leafHash, head }: { index: number; leafHash: Uint8Array; head: Head },
): Promise<Static<typeof EntryProof>> {
  const below = log.pathInMemory({ index, head }, { untilLevel: LEVELS_IN_TILE });
  const above = below && pathAbove(log, index, head);
  const inclusion =
    below && above ? [...below.map(toHex), ...above] : (await log.inclusionOf({ index, head })).map(toHex);
  return { index, leafHash: toHex(leafHash), inclusion, checkpoint: head.note };
}
