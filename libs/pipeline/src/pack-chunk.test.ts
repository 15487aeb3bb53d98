import { createHash } from 'node:crypto';
import { openZstd, type ZstdCodec } from '@lucid/zstd';
import { looksRandom, PROBED_FROM_BYTES } from './entropy-probe.ts';
import { packChunk, packScratchBytes } from './pack-chunk.ts';

/** The same "random" bytes at each run. */
function noise(sizeBytes: number, seed = 'noise'): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at * 32 < sizeBytes; at++)
    blocks.push(createHash('sha256').update(`${seed}/${at}`).digest());
  return Buffer.concat(blocks).subarray(0, sizeBytes);
}

const text = (sizeBytes: number): Buffer => Buffer.alloc(sizeBytes, 'It was a dark and stormy night; ');

let codec: ZstdCodec;
beforeAll(async () => {
  codec = await openZstd('wasm');
});

const pack = (plain: Uint8Array) => packChunk(codec, plain, new Uint8Array(packScratchBytes(plain.length)));

test.each([1, 2, 100, 65_536, 262_144, 1_048_576])('%i bytes of noise stay as they are', (size) => {
  const plain = noise(size);
  expect(pack(plain)).toEqual({ packed: plain, compressed: false });
});

test.each([64, 65_536, 131_072, 1_048_576])('%i bytes of text become fewer, and come back', (size) => {
  const plain = text(size);
  const { packed, compressed } = pack(plain);
  expect(compressed).toBe(true);
  expect(packed.length).toBeLessThan(size);
  const back = Buffer.alloc(size);
  expect(codec.decompress(back, packed)).toBe(size);
  expect(back.equals(plain)).toBe(true);
});

test('the smallest bytes: what compression would not make smaller is left alone', () => {
  for (let size = 1; size < 40; size++) {
    const { packed, compressed } = pack(new Uint8Array(size));
    expect(compressed).toBe(packed.length < size);
    if (!compressed) expect(packed.length).toBe(size);
  }
});

test('the probe: noise looks random, text and short chunks do not', () => {
  expect(looksRandom(noise(PROBED_FROM_BYTES))).toBe(true);
  expect(looksRandom(noise(PROBED_FROM_BYTES - 1))).toBe(false);
  expect(looksRandom(text(1_048_576))).toBe(false);
  const machineCodeLike = noise(1_048_576).map((byte) => byte & 0x7f);
  expect(looksRandom(machineCodeLike)).toBe(false);
});

test('noise that repeats deceives the probe but not the trial', () => {
  const plain = Buffer.concat(Array.from({ length: 64 }, () => noise(16_384)));
  expect(looksRandom(plain)).toBe(true);
  const { packed, compressed } = pack(plain);
  expect(compressed).toBe(true);
  expect(packed.length).toBeLessThan(plain.length / 10);
});

test('noise is tried on a piece only', () => {
  const sizes: number[] = [];
  const counting = {
    ...codec,
    compress(into: Uint8Array, plain: Uint8Array) {
      sizes.push(plain.length);
      return codec.compress(into, plain);
    },
  };
  packChunk(counting, noise(1_048_576), new Uint8Array(packScratchBytes(1_048_576)));
  expect(sizes).toEqual([65_536]);
});
