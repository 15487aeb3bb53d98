/**
 * Code at an address against what the compiler gives. Taken as equal are: places that the constructor fills in (`immutableReferences`), the
 * own address at the begin of a library (its call protection: `PUSH20 address ADDRESS EQ`), and for `code-only` the CBOR metadata that the
 * compiler appends to code unless it is told not to (its last two bytes say its size).
 */
import { type Hex, hashOfBytes } from '@lucid/chain-client';
import type { CodeVerification } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { RuntimeCode } from './contract-source.ts';

export type Judged = Omit<Static<typeof CodeVerification>, 'blockHeight'>;

interface CodeAt {
  readonly address: Hex;
  readonly code: Hex;
}

const bytesOf = (code: Hex): Uint8Array => Buffer.from(code.slice(2), 'hex');

const PUSH20 = 0x73;
const ADDRESS_BYTES = 20;
/** ADDRESS, EQ. */
const OWN_ADDRESS = [0x30, 0x14] as const;

/** A library's code begins so, with zeros for its address. */
const isLibrary = (code: Uint8Array): boolean =>
  code[0] === PUSH20 &&
  code.subarray(1, 1 + ADDRESS_BYTES).every((byte) => byte === 0) &&
  OWN_ADDRESS.every((byte, at) => code[1 + ADDRESS_BYTES + at] === byte);

const INVALID = 0xfe;
const SIZE_BYTES = 2;
/** A map of one to four entries whose first key is `ipfs`, `bzzr0`, `bzzr1`, `solc` or `experimental`. */
const METADATA = /^[\xa1-\xa4](?:\x64ipfs|\x65bzzr[01]|\x64solc|\x6cexperimental)/;

/** Without the metadata at its end, and the invalid instruction that the compiler puts before it. */
function withoutMetadata(code: Uint8Array): Uint8Array {
  const size = ((code.at(-SIZE_BYTES) ?? 0) << 8) | (code.at(-1) ?? 0);
  const begin = code.length - SIZE_BYTES - size;
  if (begin <= 0) return code;
  const isMetadata = METADATA.test(Buffer.from(code.subarray(begin, begin + 16)).toString('latin1'));
  return isMetadata ? code.subarray(0, begin) : code;
}

const withoutTrailingInvalid = (code: Uint8Array): Uint8Array =>
  code.at(-1) === INVALID ? code.subarray(0, -1) : code;

/** First byte that differs; undefined where none does. */
function differenceOf(expected: Uint8Array, found: Uint8Array): number | undefined {
  const size = Math.min(expected.length, found.length);
  for (let at = 0; at < size; at++) if (expected[at] !== found[at]) return at;
  return expected.length === found.length ? undefined : size;
}

/** `found` with what `expected` leaves open made equal to it. */
function masked(
  found: Uint8Array,
  expected: Uint8Array,
  { immutableReferences }: RuntimeCode,
  address: Hex,
): Uint8Array {
  const copy = Uint8Array.from(found);
  for (const { start, length } of immutableReferences)
    copy.set(
      expected.subarray(start, start + length).subarray(0, Math.max(0, copy.length - start)),
      Math.min(start, copy.length),
    );
  const own = bytesOf(address);
  const hasOwn = isLibrary(expected) && own.every((byte, at) => found[1 + at] === byte);
  if (hasOwn) copy.fill(0, 1, 1 + ADDRESS_BYTES);
  return copy;
}

function verdictOf(expected: Uint8Array, found: Uint8Array): Pick<Judged, 'verdict' | 'differsAt'> {
  const differsAt = differenceOf(expected, found);
  if (differsAt === undefined) return { verdict: 'match' };
  const [expectedCode, foundCode] = [withoutMetadata(expected), withoutMetadata(found)];
  const hasMetadata = expectedCode.length !== expected.length || foundCode.length !== found.length;
  const isSame =
    hasMetadata &&
    differenceOf(withoutTrailingInvalid(expectedCode), withoutTrailingInvalid(foundCode)) === undefined;
  return isSame ? { verdict: 'code-only' } : { verdict: 'differs', differsAt };
}

export function judgeCode(runtime: RuntimeCode, { address, code }: CodeAt): Judged {
  const [expected, found] = [bytesOf(runtime.code), bytesOf(code)];
  const sizes = { expectedBytes: expected.length, foundBytes: found.length, codeHash: hashOfBytes(code) };
  if (found.length === 0) return { verdict: 'no-code', address, ...sizes, immutables: [] };
  const immutables = runtime.immutableReferences
    .filter(({ start, length }) => start + length <= found.length)
    .map(({ start, length }) => ({
      ...{ start, length },
      value: `0x${Buffer.from(found.subarray(start, start + length)).toString('hex')}`,
    }));
  return { ...verdictOf(expected, masked(found, expected, runtime, address)), address, ...sizes, immutables };
}

export const isSound = ({ verdict }: Pick<Judged, 'verdict'>): boolean =>
  verdict === 'match' || verdict === 'code-only';
