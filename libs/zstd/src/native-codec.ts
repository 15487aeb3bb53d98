import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ZSTD_LEVEL, type ZstdCodec, ZstdError } from './codec.ts';

/** The part of the zstd-napi binding that is used; contexts are kept, so a chunk costs no allocation in C. */
interface Binding {
  CCtx: new () => {
    setParameter(parameter: number, value: number): void;
    compress2(into: Uint8Array, plain: Uint8Array): number;
  };
  DCtx: new () => { decompress(into: Uint8Array, frame: Uint8Array): number };
  CParameter: { compressionLevel: number };
  versionString(): string;
}

const fileName = `zstd-${process.platform}-${process.arch}.node`;

/** Beside the bundle, beside all bundles, in the workspace's output: the first that exists. */
export function findNativeBinding(folder: string): string | null {
  const places = [folder, join(folder, '../../native'), join(folder, '../../../dist/native')];
  return places.map((place) => join(place, fileName)).find((path) => existsSync(path)) ?? null;
}

export function createNativeCodec(path: string): ZstdCodec {
  const binding = createRequire(path)(path) as Binding;
  const compressor = new binding.CCtx();
  compressor.setParameter(binding.CParameter.compressionLevel, ZSTD_LEVEL);
  const decompressor = new binding.DCtx();
  return {
    name: 'native',
    version: binding.versionString(),
    compress(into, plain) {
      try {
        return compressor.compress2(into, plain);
      } catch (error) {
        if ((error as Error).message === 'Destination buffer is too small') return 0;
        throw new ZstdError('the native codec could not compress', { cause: error });
      }
    },
    decompress(into, frame) {
      try {
        return decompressor.decompress(into, frame);
      } catch (error) {
        throw new ZstdError(`not one whole Zstandard frame of at most ${into.length} bytes`, {
          cause: error,
        });
      }
    },
  };
}
