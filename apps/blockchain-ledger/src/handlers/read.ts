import { bytesToBase64 } from '@lucid/bytes';
import type { LedgerEntry } from '@lucid/contracts';
import { leafHash } from '@lucid/merkle';
import type { Call } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { LedgerContext } from '../context.ts';
import type { Entry, Log } from '../domain/log.ts';
import { parseTilePath, TILE_WIDTH } from '../domain/tile-path.ts';
import { entryProofOf } from './entry-proof.ts';
import { asProblems, problem } from './problems.ts';

const toHex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');

/** The entry that `find` gives, with its proof in the head of before: an entry that was there is in every later tree. */
export const readEntry = (
  context: LedgerContext,
  find: (log: Log) => Promise<Entry>,
): Promise<Static<typeof LedgerEntry>> =>
  asProblems(async () => {
    const log = context.log.reader;
    const { index, data } = await find(log);
    const proof = await entryProofOf(log, { index, leafHash: leafHash(data), head: log.head() });
    return { ...proof, entry: bytesToBase64(data) };
  });

/** The entry of a key with its proof in the newest tree, for who makes more of it. Throws what the log says. */
export async function readKeyedEntry(context: LedgerContext, key: string) {
  const log = context.log.reader;
  const { index, data } = await log.entryByKey(key);
  return { data, proof: await entryProofOf(log, { index, leafHash: leafHash(data), head: log.head() }) };
}

/** `path` as tlog-tiles writes it, from `tile/` on. */
export const readTile = (context: LedgerContext, path: string, call: Call): Promise<Uint8Array> =>
  asProblems(() => {
    const tile = parseTilePath(path);
    if (!tile)
      throw problem('not_found', { detail: 'This is not the path of a tile; see c2sp.org/tlog-tiles.' });
    if (tile.width < TILE_WIDTH) call.doNotStore();
    return context.log.reader.readTile(tile);
  });

export const readInclusionProof = (
  context: LedgerContext,
  query: { index: number; size?: number | undefined },
) =>
  asProblems(async () => {
    const log = context.log.reader;
    const { index, size = log.head().size } = query;
    return { index, size, proof: (await log.inclusionProof(index, size)).map(toHex) };
  });

export const readConsistencyProof = (
  context: LedgerContext,
  query: { first: number; second?: number | undefined },
) =>
  asProblems(async () => {
    const log = context.log.reader;
    const { first, second = log.head().size } = query;
    return { first, second, proof: (await log.consistencyProof(first, second)).map(toHex) };
  });
