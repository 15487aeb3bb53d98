/**
 * Signer keys of signed notes, as Go's golang.org/x/mod/sumdb/note writes them:
 * PRIVATE+KEY+NAME+HEX(4-byte key id)+BASE64(0x01 || 32-byte Ed25519 seed). Secret: keep it out of logs and errors.
 */
import { base64ToBytes, bytesToBase64, bytesToHex, concatBytes, isHex } from '@lucid/bytes';
import { NoteError } from './error.ts';
import { keyIdToBytes } from './note-text.ts';
import type { SecretNoteKey } from './signing.ts';
import { NOTE_ED25519 } from './verifier-key.ts';

export interface SignerKeys {
  /** The secret key as text. @throws NoteError `malformed-name`. */
  formatSignerKey(key: SecretNoteKey): string;
  /** @throws NoteError `malformed-key`, `malformed-name` or `unknown-algorithm`; never with the key in its message. */
  parseSignerKey(text: string): SecretNoteKey;
}

const SEED_SIZE_BYTES = 32;
const SIGNER_KEY = /^PRIVATE\+KEY\+([^+]*)\+([^+]*)\+(.*)$/s;

function decodeKey(base64: string): Uint8Array {
  try {
    return base64ToBytes(base64);
  } catch {
    // Without the cause: it may quote the secret.
    throw new NoteError('malformed-key');
  }
}

/** `keyIdOf` computes the id of the Ed25519 key of a seed under a name. */
export function createSignerKeys(keyIdOf: (name: string, seed: Uint8Array) => number): SignerKeys {
  const hexIdOf = (name: string, seed: Uint8Array): string => bytesToHex(keyIdToBytes(keyIdOf(name, seed)));
  return {
    formatSignerKey: ({ name, secretKey }) =>
      `PRIVATE+KEY+${name}+${hexIdOf(name, secretKey)}+${bytesToBase64(
        concatBytes(new Uint8Array([NOTE_ED25519]), secretKey),
      )}`,
    parseSignerKey(text) {
      if (typeof text !== 'string') throw new TypeError('parseSignerKey: expected string');
      const [, name, hex, base64] = SIGNER_KEY.exec(text) ?? [];
      if (name === undefined || base64 === undefined || !isHex(hex, 4)) throw new NoteError('malformed-key');
      const key = decodeKey(base64);
      if (key[0] !== NOTE_ED25519) throw new NoteError('unknown-algorithm');
      const secretKey = key.slice(1);
      if (secretKey.length !== SEED_SIZE_BYTES || hexIdOf(name, secretKey) !== hex)
        throw new NoteError('malformed-key');
      return { name, secretKey };
    },
  };
}
