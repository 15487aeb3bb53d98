/** Step 5: the tail of the bundle. Chunks are not touched, so it can be written again at any time. */

import { BundleError, buildTrailer, type TrailerParts } from '@lucid/bundle';
import { type ChunkStore, isChunkStoreError, type SessionLayout } from '@lucid/chunk-store';
import { HASH_SIZE_BYTES } from '@lucid/merkle';
import { type IndexRow, type Manifest, parseDocument } from '@lucid/session-format';
import type { Clients, Dependencies, StepWork } from '../dependencies.ts';
import { PermanentFailure } from '../failure.ts';
import { deleteAtMs } from '../retention.ts';

const LEAVES_PER_CALL = 65_536;

async function readLeaves(merkle: Clients['merkle'], sessionId: string, size: number): Promise<Uint8Array> {
  const leaves = new Uint8Array(size * HASH_SIZE_BYTES);
  for (let at = 0; at < size; ) {
    const query = { firstIndex: at, limit: Math.min(LEAVES_PER_CALL, size - at) };
    const part = await merkle.getLeaves({ params: { sessionId }, query });
    if (part.length === 0) throw new PermanentFailure(`the tree lacks leaves from ${at} on`);
    leaves.set(part, at * HASH_SIZE_BYTES);
    at += part.length / HASH_SIZE_BYTES;
  }
  return leaves;
}

function indexRows({ offsets, sizes }: SessionLayout, leaves: Uint8Array): IndexRow[] {
  return Array.from(offsets, (offset, index) => ({
    offset,
    sizeBytes: sizes[index] as number,
    leafHash: leaves.subarray(index * HASH_SIZE_BYTES, (index + 1) * HASH_SIZE_BYTES),
  }));
}

function readManifest(bytes: Uint8Array): Manifest {
  const parsed = parseDocument('manifest', bytes);
  if (!parsed.ok) throw new PermanentFailure(`the stored manifest cannot be read: ${parsed.detail}`);
  return parsed.value;
}

function trailerOf(parts: TrailerParts): Uint8Array {
  try {
    return buildTrailer(parts);
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw new PermanentFailure(cause.message, { cause });
  }
}

/** Writes the tail from what is stored now; resolves to the path of the bundle where the chunk store keeps files. */
export async function writeBundle(
  sessionId: string,
  { chunks, encryptor, merkle, store }: Pick<Dependencies, 'chunks' | 'encryptor' | 'merkle' | 'store'>,
): Promise<string | undefined> {
  const { manifest, checkpoint, anchor } = await store.evidence(sessionId);
  if (!manifest || !checkpoint) throw new PermanentFailure('the manifest is not stored');
  const layout = await chunks.layout(sessionId);
  const leaves = await readLeaves(merkle, sessionId, layout.offsets.length);
  const trailer = trailerOf({
    sessionId,
    manifest: readManifest(manifest),
    checkpoint,
    rows: indexRows(layout, leaves),
    recipients: await encryptor.getRecipients({ params: { sessionId } }),
    ...(anchor ? { anchor } : {}),
    recordsEnd: layout.endOffset,
  });
  const { path } = await finish(chunks, sessionId, trailer);
  return path;
}

/** After a failed write the store takes nothing more of a session until it is asked how far it is: so the next try would fail, too. */
async function finish(chunks: ChunkStore, sessionId: string, trailer: Uint8Array) {
  try {
    return await chunks.finish(sessionId, trailer);
  } catch (error) {
    if (isChunkStoreError(error, 'store_full') || isChunkStoreError(error, 'store_unavailable'))
      await chunks.head(sessionId).catch(() => {});
    throw error;
  }
}

export const bundleStep: StepWork = async (row, dependencies) => ({
  change: {
    bundle: await writeBundle(row.sessionId, dependencies),
    dueAtMs: deleteAtMs(row),
  },
});
