import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { openZstd, type ZstdCodec, ZstdError } from './index.ts';

const choices = ['wasm', 'native'] as const;

async function open(choice: (typeof choices)[number]): Promise<ZstdCodec | null> {
  try {
    return await openZstd(choice);
  } catch (error) {
    if (choice === 'wasm' || process.env.CI) throw error;
    console.warn(`skipped: native codec: ${(error as Error).message}`);
    return null;
  }
}

describe.each(choices)('%s codec', (choice) => {
  let codec: ZstdCodec | null;
  beforeAll(async () => {
    codec = await open(choice);
  });

  test('gives back what it was given', () => {
    if (!codec) return;
    const zstd = codec;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 4096 }),
        fc.integer({ min: 1, max: 40 }),
        (seed, times) => {
          const plain = Buffer.concat(Array.from({ length: times }, () => seed));
          const frame = new Uint8Array(plain.length + 1024);
          const size = zstd.compress(frame, plain);
          const back = new Uint8Array(plain.length);
          expect(zstd.decompress(back, frame.subarray(0, size))).toBe(plain.length);
          expect(Buffer.compare(back, plain)).toBe(0);
        },
      ),
    );
  });

  test('says 0 where the frame does not fit', () => {
    if (!codec) return;
    const plain = randomBytes(65_536);
    expect(codec.compress(new Uint8Array(plain.length - 1), plain)).toBe(0);
  });

  test('refuses truncated, foreign and too large frames', () => {
    if (!codec) return;
    const plain = Buffer.alloc(100_000, 'terminal output ');
    const frame = new Uint8Array(100_000);
    const whole = frame.subarray(0, codec.compress(frame, plain));
    const into = new Uint8Array(plain.length);
    expect(() => codec?.decompress(into, whole.subarray(0, -3))).toThrow(ZstdError);
    expect(() => codec?.decompress(into, randomBytes(200))).toThrow(ZstdError);
    expect(() => codec?.decompress(new Uint8Array(99_999), whole)).toThrow(ZstdError);
    expect(codec.decompress(into, whole)).toBe(plain.length);
  });
});

test('each codec reads what the other wrote', async () => {
  const native = await open('native');
  if (!native) return;
  const wasm = await openZstd('wasm');
  const plain = Buffer.alloc(300_000, 'the same session, another machine ');
  for (const [writer, reader] of [
    [native, wasm],
    [wasm, native],
  ] as const) {
    const frame = new Uint8Array(plain.length);
    const size = writer.compress(frame, plain);
    const back = new Uint8Array(plain.length);
    expect(reader.decompress(back, frame.subarray(0, size))).toBe(plain.length);
    expect(Buffer.compare(back, plain)).toBe(0);
  }
});
