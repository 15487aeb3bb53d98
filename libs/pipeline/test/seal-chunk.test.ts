import { randomBytes } from 'node:crypto';
import { leafHash } from '@lucid/merkle';
import { parseRecordHeader, type RecordHeader } from '@lucid/session-format';
import { openZstd, type ZstdCodec } from '@lucid/zstd';
import fc from 'fast-check';
import {
  ChunkCutter,
  keyCommitment,
  openChunk,
  packChunk,
  packScratchBytes,
  recordLeafHash,
  sealChunk,
} from '../src/index.ts';

const key = Buffer.alloc(32, 7);
const sessionId = 'ab'.repeat(32);
const CHUNK = 65_536;

let codecs: ZstdCodec[];
beforeAll(async () => {
  const wasm = await openZstd('wasm');
  const best = await openZstd('auto');
  codecs = best.name === 'wasm' ? [wasm] : [wasm, best];
});

function headerOf(record: Uint8Array): RecordHeader {
  const parsed = parseRecordHeader(record);
  if (!parsed.ok) throw new Error(`no header: ${JSON.stringify(parsed)}`);
  return parsed.header;
}

function seal(codec: ZstdCodec, plain: Uint8Array, index = 3, plainOffset = 0) {
  const scratch = new Uint8Array(packScratchBytes(plain.length));
  const sealed = sealChunk(key, {
    sessionId,
    index,
    track: 2,
    fromUs: 1_000,
    untilUs: 2_000,
    plainOffset,
    plainSizeBytes: plain.length,
    ...packChunk(codec, plain, scratch),
    nonce: randomBytes(24),
  });
  const record = Buffer.concat(sealed.parts);
  return { ...sealed, record, header: headerOf(record) };
}

/** Runs of few values (which compress) and of any (which do not). */
const anyBytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 5_000 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 6_000 }))
    .map(([unit, times]) => new Uint8Array(Buffer.concat(Array.from({ length: times }, () => unit)))),
);

test('any bytes, cut, packed, sealed and opened, come back; either codec reads the other', () => {
  fc.assert(
    fc.property(fc.array(anyBytes, { maxLength: 5 }), fc.nat(9), (pieces, turn) => {
      const cutter = new ChunkCutter({ chunkSizeBytes: CHUNK, maxAgeUs: 1 });
      const cuts = pieces.flatMap((piece) => cutter.append(piece, 1, 2));
      const last = cutter.flush();
      const back = [...cuts, ...(last ? [last] : [])].map((cut, at) => {
        const writer = codecs[turn % codecs.length] as ZstdCodec;
        const reader = codecs[(turn + 1) % codecs.length] as ZstdCodec;
        const {
          record,
          header,
          sizeBytes,
          leafHash: leaf,
        } = seal(writer, cut.plain, at + 1, cut.plainOffset);
        expect(record.length).toBe(sizeBytes);
        expect(header.compressed).toBe(header.packedSizeBytes < header.plainSizeBytes);
        expect(Buffer.compare(leaf, leafHash(record))).toBe(0);
        const opened = openChunk(key, reader, header, record);
        if (!opened.ok) throw new Error(opened.fault);
        return opened.plain;
      });
      expect(Buffer.concat(back).equals(Buffer.concat(pieces))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ['compressed', Buffer.alloc(3_000, 'lucid ')],
  ['raw', randomBytes(300)],
])('a %s record opens under nothing but its own key, and not with any one byte changed', (kind, plain) => {
  const codec = codecs[0] as ZstdCodec;
  const { record, header } = seal(codec, plain);
  expect(header.compressed).toBe(kind === 'compressed');
  const wrong = { ok: false, fault: 'tag_wrong' };
  expect(openChunk(Buffer.alloc(32, 8), codec, header, record)).toEqual(wrong);
  for (let at = 0; at < record.length; at++) {
    const changed = Buffer.from(record);
    changed[at]! ^= 1 << (at % 8);
    // Read with the header that was written: the changed one must not matter, only the bytes under the tag.
    const nonce = changed.subarray(88, 112);
    expect({ at, opened: openChunk(key, codec, { ...header, nonce }, changed) }).toEqual({
      at,
      opened: wrong,
    });
  }
});

test('a record does not open as another index, in another session, on another track, or cut short', () => {
  const codec = codecs[0] as ZstdCodec;
  const { record, header } = seal(codec, Buffer.alloc(500, 'x'));
  const moved = (change: (copy: Buffer) => void) => {
    const copy = Buffer.from(record);
    change(copy);
    return openChunk(key, codec, headerOf(copy), copy);
  };
  expect(openChunk(key, codec, header, record).ok).toBe(true);
  expect(moved(() => {}).ok).toBe(true);
  expect(moved((copy) => copy.writeBigUInt64BE(4n, 40)).ok).toBe(false);
  expect(moved((copy) => copy.fill(0xcd, 8, 40)).ok).toBe(false);
  expect(moved((copy) => copy.writeUInt16BE(1, 48)).ok).toBe(false);
  for (const size of [128, 140, record.length - 1])
    expect(openChunk(key, codec, header, record.subarray(0, size)).ok).toBe(false);
  expect(openChunk(key, codec, header, Buffer.concat([record, Buffer.alloc(1)])).ok).toBe(false);
});

test('a sealed frame of another size than declared is refused, larger and smaller', () => {
  const codec = codecs[0] as ZstdCodec;
  const scratch = new Uint8Array(packScratchBytes(5_000));
  const packed = scratch.slice(0, codec.compress(scratch, Buffer.alloc(5_000, 'y')));
  for (const plainSizeBytes of [4_999, 5_001]) {
    const { parts } = sealChunk(key, {
      sessionId,
      index: 1,
      track: 0,
      fromUs: 0,
      untilUs: 0,
      plainOffset: 0,
      plainSizeBytes,
      packed,
      compressed: true,
      nonce: randomBytes(24),
    });
    const record = Buffer.concat(parts);
    expect(openChunk(key, codec, headerOf(record), record)).toEqual({
      ok: false,
      fault: 'not_decompressible',
    });
  }
});

test('a caller’s buffer takes compressed chunks', () => {
  const codec = codecs[0] as ZstdCodec;
  const plain = Buffer.alloc(9_000, 'z');
  const { record, header } = seal(codec, plain);
  const into = new Uint8Array(20_000);
  const opened = openChunk(key, codec, header, record, into);
  expect(opened.ok && opened.plain.buffer === into.buffer && Buffer.compare(opened.plain, plain) === 0).toBe(
    true,
  );
});

test('the leaf hash does not depend on how a record lies in memory', () => {
  const record = randomBytes(400);
  const split = [record.subarray(0, 128), record.subarray(128, 384), record.subarray(384)];
  expect(Buffer.compare(recordLeafHash(split), leafHash(record))).toBe(0);
});

test('the key commitment binds key and session', () => {
  expect(keyCommitment(key, sessionId)).toMatch(/^[0-9a-f]{64}$/);
  expect(keyCommitment(Buffer.alloc(32, 8), sessionId)).not.toBe(keyCommitment(key, sessionId));
  expect(keyCommitment(key, 'cd'.repeat(32))).not.toBe(keyCommitment(key, sessionId));
});
