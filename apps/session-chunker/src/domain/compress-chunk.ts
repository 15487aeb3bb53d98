/** The compression stage alone, for one chunk. */
import { type ChunkCodec, packChunk } from '@lucid/pipeline';
import type { ScratchPool } from './scratch-pool.ts';

/** The packed chunk, or the chunk itself where it does not get smaller. */
export function compressChunk(codec: ChunkCodec, pool: ScratchPool, plain: Uint8Array): Uint8Array {
  const scratch = pool.take(plain.length);
  const { packed, compressed } = packChunk(codec, plain, scratch);
  // A copy of its own: the answer is sent after this buffer serves the next chunk.
  const answer = compressed ? packed.slice() : packed;
  pool.give(scratch);
  return answer;
}
