import { compress, decompress, init } from '@bokuweb/zstd-wasm';
import { ZSTD_LEVEL, type ZstdCodec, ZstdError } from './codec.ts';
import { frameContentSize } from './frame-content-size.ts';

/** The codec of @bokuweb/zstd-wasm: the same everywhere, no compiler needed. `zstd.wasm` lies beside the bundle. */
export async function createWasmCodec(): Promise<ZstdCodec> {
  await init();
  return {
    name: 'wasm',
    version: '@bokuweb/zstd-wasm',
    compress(into, plain) {
      const frame = compress(plain, ZSTD_LEVEL);
      if (frame.length > into.length) return 0;
      into.set(frame);
      return frame.length;
    },
    decompress(into, frame) {
      const fault = `not one whole Zstandard frame of at most ${into.length} bytes`;
      const sizeBytes = frameContentSize(frame);
      if (sizeBytes === null || sizeBytes > into.length) throw new ZstdError(fault);
      try {
        const plain = decompress(frame);
        into.set(plain);
        return plain.length;
      } catch (error) {
        throw new ZstdError(fault, { cause: error });
      }
    },
  };
}
