import type { EntryProof } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Head } from '../domain/head.ts';
import type { Log, Receipt } from '../domain/log.ts';
import { TILE_WIDTH } from '../domain/tile-path.ts';

const LEVELS_IN_TILE = 8;

const toHex = (hash: Uint8Array): string =>
  Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength).toString('hex');

/** Above their tile all entries of a commit share one path, and all its answers end alike: made once per head and tile. */
interface Shared {
  readonly path: readonly string[];
  /** The answer's JSON from the first shared hash on. */
  readonly ending: string;
}

const sharedByHead = new WeakMap<Head, Map<number, Shared>>();

function sharedOf(log: Log, index: number, head: Head): Shared | undefined {
  const tile = Math.floor(index / TILE_WIDTH);
  const byTile = sharedByHead.get(head) ?? new Map<number, Shared>();
  const known = byTile.get(tile);
  if (known) return known;
  const path = log.pathInMemory({ index, head }, { fromLevel: LEVELS_IN_TILE })?.map(toHex);
  if (!path) return undefined;
  const shared = { path, ending: `${path.map(quote).join(',')}],"checkpoint":${JSON.stringify(head.note)}}` };
  sharedByHead.set(head, byTile.set(tile, shared));
  return shared;
}

const quote = (hex: string): string => `"${hex}"`;

/** Where an entry is and its path in the receipt's head, ready for the wire. */
export async function entryProofOf(
  log: Log,
  { index, leafHash, head }: Receipt,
): Promise<Static<typeof EntryProof>> {
  const below = log.pathInMemory({ index, head }, { untilLevel: LEVELS_IN_TILE });
  const above = below && sharedOf(log, index, head)?.path;
  const inclusion =
    below && above ? [...below.map(toHex), ...above] : (await log.inclusionOf({ index, head })).map(toHex);
  return { index, leafHash: toHex(leafHash), inclusion, checkpoint: head.note };
}

/** The same as JSON text, at a third of the cost; undefined where a part of the path is not in memory. */
export function entryProofText(log: Log, { index, leafHash, head }: Receipt): string | undefined {
  const below = log.pathInMemory({ index, head }, { untilLevel: LEVELS_IN_TILE });
  const shared = below && sharedOf(log, index, head);
  if (!shared) return undefined;
  let text = `{"index":${index},"leafHash":"${toHex(leafHash)}","inclusion":[`;
  for (let level = 0; level < below.length; level++) {
    const isLast = level === below.length - 1 && shared.path.length === 0;
    text += isLast ? `"${toHex(below[level] as Uint8Array)}"` : `"${toHex(below[level] as Uint8Array)}",`;
  }
  return text + shared.ending;
}
