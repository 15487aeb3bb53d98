/** Verifier keys of signed notes: NAME+HEX(4-byte key id)+BASE64(algorithm byte || public key). */
import { base64ToBytes, bytesToBase64, bytesToHex, concatBytes, isHex, utf8ToBytes } from '@lucid/bytes';
import { NoteError } from './error.ts';
import { bytesToKeyId, isNoteName, keyIdToBytes } from './note-text.ts';

/** Ed25519 over the note's text. */
export const NOTE_ED25519 = 0x01;
/** Timestamped Ed25519 cosignature, https://c2sp.org/tlog-cosignature. */
export const NOTE_COSIGNATURE_V1 = 0x04;

export type NoteAlgorithm = typeof NOTE_ED25519 | typeof NOTE_COSIGNATURE_V1;

export interface NoteKey {
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Default `NOTE_ED25519`. */
  readonly alg?: NoteAlgorithm;
}

export interface VerifierKey extends Required<NoteKey> {
  readonly keyId: number;
}

const PUBLIC_KEY_SIZE_BYTES = 32;

export interface VerifierKeys {
  /** The first 4 bytes of SHA-256(name || 0x0a || algorithm || public key), big-endian. */
  noteKeyId(name: string, publicKey: Uint8Array, alg?: NoteAlgorithm): number;
  formatVerifierKey(key: NoteKey): string;
  /** @throws NoteError `malformed-key`, `malformed-name` or `unknown-algorithm`. */
  parseVerifierKey(vkey: string): VerifierKey;
}

function assertNoteKey(name: string, publicKey: Uint8Array): void {
  if (typeof name !== 'string') throw new TypeError('note key name: expected string');
  if (!isNoteName(name)) throw new NoteError('malformed-name');
  if (publicKey.length !== PUBLIC_KEY_SIZE_BYTES) throw new NoteError('malformed-key');
}

function algorithmOf(byte: number | undefined): NoteAlgorithm {
  if (byte === NOTE_ED25519 || byte === NOTE_COSIGNATURE_V1) return byte;
  throw new NoteError('unknown-algorithm');
}

function decodeKey(base64: string): Uint8Array {
  try {
    return base64ToBytes(base64);
  } catch (cause) {
    throw new NoteError('malformed-key', { cause });
  }
}

export function createVerifierKeys(sha256: (...parts: readonly Uint8Array[]) => Uint8Array): VerifierKeys {
  const noteKeyId = (name: string, publicKey: Uint8Array, alg: NoteAlgorithm = NOTE_ED25519): number => {
    assertNoteKey(name, publicKey);
    return bytesToKeyId(sha256(utf8ToBytes(name), new Uint8Array([0x0a, alg]), publicKey));
  };
  const formatVerifierKey = ({ name, publicKey, alg = NOTE_ED25519 }: NoteKey): string => {
    const keyId = bytesToHex(keyIdToBytes(noteKeyId(name, publicKey, alg)));
    return `${name}+${keyId}+${bytesToBase64(concatBytes(new Uint8Array([alg]), publicKey))}`;
  };
  const parseVerifierKey = (vkey: string): VerifierKey => {
    if (typeof vkey !== 'string') throw new TypeError('parseVerifierKey: expected string');
    // The base64 part may hold plus signs itself; a name and a key id cannot.
    const [, name, hex, base64] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(vkey) ?? [];
    if (name === undefined || base64 === undefined || !isHex(hex, 4)) throw new NoteError('malformed-key');
    const key = decodeKey(base64);
    const alg = algorithmOf(key[0]);
    const publicKey = key.slice(1);
    const keyId = noteKeyId(name, publicKey, alg);
    if (bytesToHex(keyIdToBytes(keyId)) !== hex) throw new NoteError('malformed-key');
    return { name, publicKey, alg, keyId };
  };
  return { noteKeyId, formatVerifierKey, parseVerifierKey };
}
