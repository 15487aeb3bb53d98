/**
 * What the log keeps in its key-value store, all integers big-endian:
 *
 *   01 N(8) 00 P(1)   tail segment: entries P… of bundle N, as in a bundle; removed when bundle N is full
 *   01 N(8) 01        full entry bundle N
 *   01 N(8) 02        full tile N of level 0
 *   02 L(1) N(8)      tile N of level L > 0, full or as wide as the signed head says
 *   03 key            idempotency key (ASCII) -> index (8), leaf hash (32)
 *   04 size(8)        checkpoint of that size with the cosignatures of witnesses (signed note)
 *   05                signed head (signed note)
 *   06                what log this is (JSON)
 *
 * The sequence comes first and grows at its end, the one key that every commit overwrites comes after it: so each table
 * file that LevelDB flushes overlaps almost nothing that was written before, and is not rewritten for it.
 */
const u64 = (prefix: readonly number[], number: number, suffix: readonly number[] = []): Buffer => {
  const key = Buffer.allocUnsafe(prefix.length + 8 + suffix.length);
  key.set(prefix, 0);
  key.writeBigUInt64BE(BigInt(number), prefix.length);
  key.set(suffix, prefix.length + 8);
  return key;
};

export const tailSegmentKey = (bundle: number, position: number): Buffer => u64([1], bundle, [0, position]);
export const bundleKey = (bundle: number): Buffer => u64([1], bundle, [1]);

export const tileKey = (level: number, number: number): Buffer =>
  level === 0 ? u64([1], number, [2]) : u64([2, level], number);

export const entryKeyKey = (key: string): Buffer => Buffer.from(`\u0003${key}`, 'latin1');
export const cosignedKey = (size: number): Buffer => u64([4], size);
export const headKey = Buffer.of(5);
export const identityKey = Buffer.of(6);

/** All tail segments of one bundle. */
export const tailSegmentRange = (bundle: number) => ({
  gte: u64([1], bundle, [0]),
  lt: u64([1], bundle, [1]),
});

/** Everything of the sequence from a bundle on. */
export const sequenceRange = (fromBundle: number) => ({ gte: u64([1], fromBundle), lt: Buffer.of(2) });

export const cosignedRange = { gte: Buffer.of(4), lt: Buffer.of(5) };

/** Position of a tail segment's first entry within its bundle, out of its key. */
export const tailSegmentPosition = (key: Uint8Array): number => key[10] as number;

export const formatKeyValue = (index: number, leafHash: Uint8Array): Buffer => {
  const value = Buffer.allocUnsafe(8 + leafHash.length);
  value.writeBigUInt64BE(BigInt(index), 0);
  value.set(leafHash, 8);
  return value;
};

export const parseKeyValue = (value: Uint8Array): { index: number; leafHash: Buffer } => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  return { index: Number(bytes.readBigUInt64BE(0)), leafHash: bytes.subarray(8) };
};
