/**
 * What the anchor contract registers of a session, and the bytes that stand for it (docs/evidence-format.md section 6.2): the leaf of a
 * batch, and the two events. All numbers are words of 32 bytes, big-endian, as the Ethereum ABI encodes them.
 */
import {
  bytesToHex,
  concatBytes,
  equalBytes,
  hexToBytes,
  isHex,
  u64ToBytes,
  utf8ToBytes,
} from '@lucid/bytes';
import { keccak256, type Log } from '@lucid/eth-proof';
import { addressToBytes, isAddress } from '@lucid/tron-message';
import { SESSION_LEAF_BYTES } from './anchor.ts';

export interface Registration {
  /** Hex, 64 digits. */
  readonly sessionId: string;
  /** Hex, 64 digits. */
  readonly manifestHash: string;
  /** Unix seconds. */
  readonly startedAt: number;
  /** Hex, 40 digits: `ownerAddress` of the manifest's owner. */
  readonly owner: string;
  /** Hex, 64 digits. */
  readonly merkleRoot: string;
  readonly chunkCount: number;
}

/** What an event of the contract says; null where it is none of the two. */
export type RegistrationEvent =
  | { readonly kind: 'session'; readonly registration: Registration }
  | { readonly kind: 'batch'; readonly root: Uint8Array; readonly count: number };

const WORD_BYTES = 32;
const ADDRESS_BYTES = 20;
const UINT32_MAX = 0xffff_ffff;

const topicOf = (signature: string): Uint8Array => keccak256(utf8ToBytes(signature));
const SESSION_TOPIC = topicOf('SessionRegistered(bytes32,bytes32,uint64,address,bytes32,uint32)');
const BATCH_TOPIC = topicOf('SessionsRegistered(bytes32,uint32)');

/** The address that stands for an owner: 20 bytes of a TRON address, else the last 20 of Keccak-256 of the text. Hex. */
export const ownerAddress = (owner: string): string =>
  bytesToHex(isAddress(owner) ? addressToBytes(owner) : keccak256(utf8ToBytes(owner)).slice(-ADDRESS_BYTES));

const padded = (bytes: Uint8Array): Uint8Array =>
  concatBytes(new Uint8Array(WORD_BYTES - bytes.length), bytes);

function hexWord(name: string, value: string, sizeBytes: number): Uint8Array {
  if (!isHex(value, sizeBytes))
    throw new RangeError(`sessionLeaf: ${name} must be ${sizeBytes * 2} hex digits`);
  return padded(hexToBytes(value));
}

/**
 * The 192 bytes whose RFC 9162 leaf hash stands for a session in a batch: `abi.encode` of the six fields.
 *
 * @throws RangeError where a field is not what `Registration` says, or `chunkCount` is above 2^32 - 1.
 */
export function sessionLeaf(fields: Registration): Uint8Array {
  const { startedAt, chunkCount } = fields;
  if (!Number.isSafeInteger(startedAt) || startedAt < 0)
    throw new RangeError('sessionLeaf: startedAt must be whole seconds since 1970');
  if (!Number.isSafeInteger(chunkCount) || chunkCount < 0 || chunkCount > UINT32_MAX)
    throw new RangeError('sessionLeaf: chunkCount must be from 0 to 2^32 - 1');
  return concatBytes(
    hexWord('sessionId', fields.sessionId, WORD_BYTES),
    hexWord('manifestHash', fields.manifestHash, WORD_BYTES),
    padded(u64ToBytes(startedAt)),
    hexWord('owner', fields.owner, ADDRESS_BYTES),
    hexWord('merkleRoot', fields.merkleRoot, WORD_BYTES),
    padded(u64ToBytes(chunkCount)),
  );
}

/** A word as a whole number up to `max`; null where it is larger. */
function readInteger(word: Uint8Array, max: number): number | null {
  const value = BigInt(`0x${bytesToHex(word)}`);
  return value <= BigInt(max) ? Number(value) : null;
}

function readAddress(word: Uint8Array): string | null {
  const text = bytesToHex(word);
  return text.startsWith('00'.repeat(WORD_BYTES - ADDRESS_BYTES)) ? text.slice(-2 * ADDRESS_BYTES) : null;
}

function wordsOf(bytes: Uint8Array, count: number): Uint8Array[] | null {
  if (bytes.length !== count * WORD_BYTES) return null;
  return Array.from({ length: count }, (_, at) => bytes.subarray(at * WORD_BYTES, (at + 1) * WORD_BYTES));
}

type Words = readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];

function readWords([id, manifest, started, owner, root, chunks]: Words): Registration | null {
  const startedAt = readInteger(started, Number.MAX_SAFE_INTEGER);
  const address = readAddress(owner);
  const chunkCount = readInteger(chunks, UINT32_MAX);
  if (startedAt === null || address === null || chunkCount === null) return null;
  return {
    sessionId: bytesToHex(id),
    manifestHash: bytesToHex(manifest),
    startedAt,
    owner: address,
    merkleRoot: bytesToHex(root),
    chunkCount,
  };
}

/** What a leaf says; null where it is none that `sessionLeaf` writes. */
export function parseSessionLeaf(bytes: Uint8Array): Registration | null {
  const words = bytes.length === SESSION_LEAF_BYTES ? wordsOf(bytes, 6) : null;
  return words && readWords(words as unknown as Words);
}

/** `SessionRegistered` (session and owner are topics) or `SessionsRegistered` (the root is one). */
export function parseRegistrationEvent({
  topics,
  data,
}: Pick<Log, 'topics' | 'data'>): RegistrationEvent | null {
  const [signature, first, second, ...others] = topics;
  if (signature === undefined || first === undefined || others.length > 0) return null;
  if (equalBytes(signature, BATCH_TOPIC)) {
    const [word] = wordsOf(data, 1) ?? [];
    const count = word === undefined || second !== undefined ? null : readInteger(word, UINT32_MAX);
    return count === null ? null : { kind: 'batch', root: first, count };
  }
  const words = second !== undefined && equalBytes(signature, SESSION_TOPIC) ? wordsOf(data, 4) : null;
  if (words === null || second === undefined) return null;
  const [manifest, started, root, chunks] = words as unknown as readonly [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const registration = readWords([first, manifest, started, second, root, chunks]);
  return registration && { kind: 'session', registration };
}
