/** The finished bundle as one stream of bytes, out of any chunk store: preamble, records, trailer (docs/evidence-format.md section 7). */
import { type ChunkStore, isChunkStoreError, type SessionLayout } from '@lucid/chunk-store';
import type { ByteStream } from '@lucid/contracts';
import { encodePreamble } from '@lucid/session-format';

/** The part of `bytes`, which lie at `at`, that is not before `offset`. */
const behind = (bytes: Uint8Array, at: number, offset: number): Uint8Array =>
  offset <= at ? bytes : bytes.subarray(Math.min(bytes.length, offset - at));

/** Index of the first record of which a byte lies at or behind `offset`. */
function firstRecord({ offsets, sizes }: SessionLayout, offset: number): number {
  const found = offsets.findIndex((at, index) => at + (sizes[index] as number) > offset);
  return found < 0 ? offsets.length : found;
}

async function* bytesOf(
  chunks: ChunkStore,
  sessionId: string,
  { layout, trailer, offset }: { layout: SessionLayout; trailer: Uint8Array; offset: number },
): AsyncGenerator<Uint8Array> {
  const first = firstRecord(layout, offset);
  const preamble = behind(encodePreamble(sessionId), 0, offset);
  if (preamble.length > 0) yield preamble;
  let at = layout.offsets[first] ?? layout.endOffset;
  for (let index = first; index < layout.offsets.length; index += 1) {
    const record = await chunks.read(sessionId, index);
    yield behind(record, at, offset);
    at += record.length;
  }
  const tail = behind(trailer, layout.endOffset, offset);
  if (tail.length > 0) yield tail;
}

/** Null where the session has no trailer yet. One record is in memory at a time. */
export async function openBundle(
  chunks: ChunkStore,
  sessionId: string,
  offset: number,
): Promise<ByteStream | null> {
  try {
    const trailer = await chunks.trailer(sessionId);
    if (!trailer) return null;
    const layout = await chunks.layout(sessionId);
    const totalBytes = layout.endOffset + trailer.length;
    const from = Math.min(offset, totalBytes);
    return {
      bytes: bytesOf(chunks, sessionId, { layout, trailer, offset: from }),
      sizeBytes: totalBytes - from,
    };
  } catch (error) {
    if (isChunkStoreError(error, 'session_unknown')) return null;
    throw error;
  }
}
