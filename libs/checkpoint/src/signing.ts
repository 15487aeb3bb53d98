/**
 * Signing and verifying notes: Ed25519 over the text (https://c2sp.org/signed-note), and timestamped cosignatures
 * (https://c2sp.org/tlog-cosignature): Ed25519 over "cosignature/v1\ntime SECONDS\n" || text, stored behind the time in 8 bytes.
 */
import { assertBytes, bytesToU64, concatBytes, u64ToBytes, utf8ToBytes } from '@lucid/bytes';
import type { CryptoSuite } from '@lucid/crypto/portable';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint-text.ts';
import { assertNoteText, formatNote, type Note, type NoteSignature, parseNote } from './note-text.ts';
import { createSignerKeys, type SignerKeys } from './signer-key.ts';
import {
  createVerifierKeys,
  NOTE_COSIGNATURE_V1,
  NOTE_ED25519,
  type VerifierKey,
  type VerifierKeys,
} from './verifier-key.ts';

export type NoteCrypto = Pick<CryptoSuite, 'sha256' | 'ed25519PublicKey' | 'ed25519Sign' | 'ed25519Verify'>;

/** Signs texts under one name; the key may live elsewhere. */
export interface NoteSigner {
  readonly name: string;
  readonly keyId: number;
  /** The signature as it stands behind the key id. */
  sign(text: string): Uint8Array;
}

export interface SecretNoteKey {
  readonly name: string;
  /** 32-byte seed. */
  readonly secretKey: Uint8Array;
}

export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** Unix seconds, of a cosignature. */
  readonly timestamp?: number;
}

export type NoteFault =
  /** No signature is by a known key. */
  | 'no-known-signature'
  /** A signature bears the name and id of a known key and does not verify. */
  | 'wrong-signature'
  /** Two of the given verifiers share name and id. */
  | 'ambiguous-verifiers';

export type NoteVerdict =
  | {
      readonly ok: true;
      readonly note: Note;
      /** One for each known key that signed, in the order of the note. */
      readonly verified: readonly VerifiedSignature[];
      /** Signatures by keys that were not given. */
      readonly unknown: readonly NoteSignature[];
    }
  | { readonly ok: false; readonly why: NoteFault };

export interface Notes extends VerifierKeys, SignerKeys {
  createNoteSigner(key: SecretNoteKey): NoteSigner;
  /** `timestamp` in Unix seconds is read at each signature. */
  createCosigner(key: SecretNoteKey & { readonly timestamp: () => number }): NoteSigner;
  /** A note over `text`, signed by each signer in turn. */
  signNote(text: string, signers: readonly NoteSigner[]): string;
  /** The same note with further signatures at its end. */
  addSignatures(note: Note, signers: readonly NoteSigner[]): string;
  signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): string;
  verifyNote(note: Note | Uint8Array | string, verifiers: readonly VerifierKey[]): NoteVerdict;
}

const SIGNATURE_SIZE_BYTES = 64;
const TIME_SIZE_BYTES = 8;

const cosignedMessage = (text: string, timestamp: number | bigint): Uint8Array =>
  utf8ToBytes(`cosignature/v1\ntime ${timestamp}\n${text}`);

function assertTimestamp(timestamp: number): void {
  if (typeof timestamp !== 'number') throw new TypeError('cosignature timestamp: expected number');
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) {
    throw new RangeError('cosignature timestamp: not Unix seconds');
  }
}

const signWith = (signer: NoteSigner, text: string): NoteSignature => {
  const signature = signer.sign(text);
  assertBytes(signature, 'note signature');
  return { name: signer.name, keyId: signer.keyId, signature };
};

const isKeyOf = (key: VerifierKey, { name, keyId }: Pick<NoteSignature, 'name' | 'keyId'>): boolean =>
  key.name === name && key.keyId === keyId;

/** The verified signature, or null where it is wrong. */
function verifySignature(
  crypto: NoteCrypto,
  text: string,
  { signature }: NoteSignature,
  key: VerifierKey,
): VerifiedSignature | null {
  if (key.alg === NOTE_ED25519) {
    return crypto.ed25519Verify(key.publicKey, utf8ToBytes(text), signature) ? { key } : null;
  }
  if (signature.length !== TIME_SIZE_BYTES + SIGNATURE_SIZE_BYTES) return null;
  const timestamp = bytesToU64(signature);
  if (timestamp > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  const message = cosignedMessage(text, timestamp);
  return crypto.ed25519Verify(key.publicKey, message, signature.subarray(TIME_SIZE_BYTES))
    ? { key, timestamp: Number(timestamp) }
    : null;
}

function verifySignatures(crypto: NoteCrypto, note: Note, verifiers: readonly VerifierKey[]): NoteVerdict {
  const verified: VerifiedSignature[] = [];
  const unknown: NoteSignature[] = [];
  for (const signature of note.signatures) {
    const [key, ...others] = verifiers.filter((each) => isKeyOf(each, signature));
    if (others.length > 0) return { ok: false, why: 'ambiguous-verifiers' };
    if (key === undefined) {
      unknown.push(signature);
      continue;
    }
    const good = verifySignature(crypto, note.text, signature, key);
    if (good === null) return { ok: false, why: 'wrong-signature' };
    if (!verified.some((each) => each.key === key)) verified.push(good);
  }
  return verified.length === 0
    ? { ok: false, why: 'no-known-signature' }
    : { ok: true, note, verified, unknown };
}

export function createNotes(crypto: NoteCrypto): Notes {
  const keys = createVerifierKeys(crypto.sha256);
  const signNote = (text: string, signers: readonly NoteSigner[]): string => {
    assertNoteText(text);
    return formatNote({ text, signatures: signers.map((signer) => signWith(signer, text)) });
  };
  const signerKeys = createSignerKeys((name, seed) =>
    keys.noteKeyId(name, crypto.ed25519PublicKey(seed), NOTE_ED25519),
  );
  return {
    ...keys,
    ...signerKeys,
    signNote,
    createNoteSigner: ({ name, secretKey }) => ({
      name,
      keyId: keys.noteKeyId(name, crypto.ed25519PublicKey(secretKey), NOTE_ED25519),
      sign: (text) => crypto.ed25519Sign(secretKey, utf8ToBytes(text)),
    }),
    createCosigner: ({ name, secretKey, timestamp }) => ({
      name,
      keyId: keys.noteKeyId(name, crypto.ed25519PublicKey(secretKey), NOTE_COSIGNATURE_V1),
      sign(text) {
        // A cosignature vouches for a log's growth, so it is given on checkpoints only.
        parseCheckpoint(text);
        const seconds = timestamp();
        assertTimestamp(seconds);
        return concatBytes(
          u64ToBytes(seconds),
          crypto.ed25519Sign(secretKey, cosignedMessage(text, seconds)),
        );
      },
    }),
    addSignatures: (note, signers) =>
      formatNote({
        text: note.text,
        signatures: [...note.signatures, ...signers.map((signer) => signWith(signer, note.text))],
      }),
    signCheckpoint: (checkpoint, signer) => signNote(formatCheckpoint(checkpoint), [signer]),
    verifyNote: (note, verifiers) =>
      verifySignatures(
        crypto,
        typeof note === 'string' || note instanceof Uint8Array ? parseNote(note) : note,
        verifiers,
      ),
  };
}
