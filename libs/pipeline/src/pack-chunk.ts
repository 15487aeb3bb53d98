/** The second stage: compresses one chunk alone, or leaves it as it is where that is not smaller. */
import { TAG_BYTES } from '@lucid/session-format';
import { looksRandom } from './entropy-probe.ts';

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

const TRIAL_BYTES = 65_536;
/** A trial piece that keeps more than this share of its size says that the chunk does not compress. */
const TRIAL_GAIN = 0.98;

function isIncompressible(codec: ChunkCodec, plain: Uint8Array, scratch: Uint8Array): boolean {
  if (!looksRandom(plain)) return false;
  const start = (plain.length - TRIAL_BYTES) >> 1;
  const size = codec.compress(scratch, plain.subarray(start, start + TRIAL_BYTES));
  return size === 0 || size > TRIAL_BYTES * TRIAL_GAIN;
}

export function packChunk(codec: ChunkCodec, plain: Uint8Array, scratch: Uint8Array): PackedChunk {
  if (isIncompressible(codec, plain, scratch)) return { packed: plain, compressed: false };
  const size = codec.compress(scratch, plain);
  return size > 0 && size < plain.length
    ? { packed: scratch.subarray(0, size), compressed: true }
    : { packed: plain, compressed: false };
}
