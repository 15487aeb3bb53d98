/** The second stage: compresses one chunk alone, or leaves it as it is where that is not smaller. */
import { TAG_BYTES } from '@lucid/session-format';

/** The codec a stage needs; @lucid/zstd gives one. */
export interface ChunkCodec {
  compress(into: Uint8Array, plain: Uint8Array): number;
  decompress(into: Uint8Array, frame: Uint8Array): number;
}

export interface PackedChunk {
  /** A view of `scratch`, or `plain` itself. */
  readonly packed: Uint8Array;
  readonly compressed: boolean;
}

/** zstd compresses faster when the worst case fits, so scratch buffers are this long. */
export const packScratchBytes = (chunkSizeBytes: number): number =>
  chunkSizeBytes + (chunkSizeBytes >> 7) + 1024 + TAG_BYTES;

export function packChunk(codec: ChunkCodec, plain: Uint8Array, scratch: Uint8Array): PackedChunk {
  const size = codec.compress(scratch, plain);
  return size > 0 && size < plain.length
    ? { packed: scratch.subarray(0, size), compressed: true }
    : { packed: plain, compressed: false };
}
