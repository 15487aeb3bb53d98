// What a program of Linux needs to run: the shared libraries that its dynamic section names (System V ABI, chapters 4 and 5; 64 bits,
// little-endian, as amd64 and arm64 are).

/** @import { Arch } from './image.mjs' */

const LOAD = 1;
const DYNAMIC = 2;
const INTERPRETER = 3;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const HEADER_BYTES = 64;

/** @type {Record<number, Arch>} */
const MACHINES = { 62: 'amd64', 183: 'arm64' };

/**
 * @typedef {object} Elf
 * @property {Arch | null} arch
 * @property {string[]} needed sonames, as `libz.so.1`
 * @property {string | null} interpreter path of the dynamic loader; null: a library, or a static program
 */

/** @typedef {{ type: number, offset: number, address: bigint, sizeBytes: number }} Segment */

/** @type {(bytes: Buffer) => boolean} */
export const isElf = (bytes) => bytes.length >= HEADER_BYTES && bytes.readUInt32BE(0) === 0x7f454c46;

/**
 * @param {Buffer} bytes of a program or a library
 * @returns {Elf}
 * @throws {TypeError} where it is no ELF file of 64 bits, or is cut off
 */
export function readElf(bytes) {
  if (!isElf(bytes) || bytes[4] !== 2 || bytes[5] !== 1)
    throw new TypeError('not an ELF file of 64 bits, little-endian');
  try {
    const segments = readSegments(bytes);
    const dynamic = segments.find(({ type }) => type === DYNAMIC);
    const interpreter = segments.find(({ type }) => type === INTERPRETER);
    return {
      arch: MACHINES[bytes.readUInt16LE(18)] ?? null,
      needed: dynamic ? readNeeded(bytes, dynamic, segments) : [],
      interpreter: interpreter ? textAt(bytes, interpreter.offset) : null,
    };
  } catch (error) {
    if (/** @type {Error} */ (error).name !== 'RangeError') throw error;
    throw new TypeError('an ELF file that is cut off', { cause: error });
  }
}

/** @type {(bytes: Buffer) => Segment[]} */
function readSegments(bytes) {
  const table = Number(bytes.readBigUInt64LE(32));
  const entryBytes = bytes.readUInt16LE(54);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const at = table + index * entryBytes;
    return {
      type: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 8)),
      address: bytes.readBigUInt64LE(at + 16),
      sizeBytes: Number(bytes.readBigUInt64LE(at + 32)),
    };
  });
}

/** @type {(bytes: Buffer, dynamic: Segment, segments: readonly Segment[]) => string[]} */
function readNeeded(bytes, dynamic, segments) {
  const names = [];
  let strings = 0;
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.sizeBytes; at += 16) {
    const tag = bytes.readBigInt64LE(at);
    const value = bytes.readBigUInt64LE(at + 8);
    if (tag === 0n) break;
    if (tag === DT_NEEDED) names.push(Number(value));
    if (tag === DT_STRTAB) strings = offsetOf(value, segments);
  }
  return names.map((name) => textAt(bytes, strings + name));
}

/** Place in the file of an address in memory. @type {(address: bigint, segments: readonly Segment[]) => number} */
function offsetOf(address, segments) {
  const holder = segments.find(
    (each) =>
      each.type === LOAD && address >= each.address && address < each.address + BigInt(each.sizeBytes),
  );
  if (!holder) throw new RangeError('an address outside of the file');
  return holder.offset + Number(address - holder.address);
}

/** @type {(bytes: Buffer, at: number) => string} */
function textAt(bytes, at) {
  const end = bytes.indexOf(0, at);
  if (at < 0 || end < 0) throw new RangeError('a text outside of the file');
  return bytes.toString('latin1', at, end);
}
