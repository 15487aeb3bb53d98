/** What a Zstandard codec must do for a chunk. Calls are synchronous: they run where chunks are worked on, one context each. */
export interface ZstdCodec {
  readonly name: 'native' | 'wasm';
  /** Version of libzstd where the binding tells it. */
  readonly version: string;
  /**
   * Compresses `plain` as one frame with its content size into `into`.
   * Returns the size of the frame, or 0 where it does not fit: a caller that gives room for fewer bytes than the plain ones
   * learns that compression does not pay.
   */
  compress(into: Uint8Array, plain: Uint8Array): number;
  /**
   * Decompresses one whole frame into `into`, whose length is the limit. Returns the plain size.
   * Throws ZstdError on anything but one complete frame that fits.
   */
  decompress(into: Uint8Array, frame: Uint8Array): number;
}

export class ZstdError extends Error {
  override readonly name = 'ZstdError';
}

/** The level every chunk is compressed at. */
export const ZSTD_LEVEL = 3;
