import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ZstdCodec } from './codec.ts';
import { createNativeCodec, findNativeBinding } from './native-codec.ts';

export type CodecChoice = 'auto' | ZstdCodec['name'];

/**
 * Opens the fastest codec there is, or the one asked for.
 * Throws where `native` is asked for and was not built.
 */
export async function openZstd(choice: CodecChoice = 'auto'): Promise<ZstdCodec> {
  const folder = dirname(fileURLToPath(import.meta.url));
  if (choice !== 'wasm') {
    const path = findNativeBinding(folder);
    if (path) return createNativeCodec(path);
    if (choice === 'native')
      throw new Error('the native Zstandard codec is not built; run: node tools/build-zstd.mjs');
  }
  const { createWasmCodec } = await import('./wasm-codec.ts');
  return createWasmCodec();
}

export const isCodecChoice = (value: string): value is CodecChoice =>
  ['auto', 'native', 'wasm'].includes(value);
