import {
  createNoteSigner,
  formatVerifierKey,
  isNoteName,
  NoteError,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  signCheckpoint,
  type VerifierKey,
  verifyNote,
} from '@lucid/checkpoint';
import { ed25519PublicKey } from '@lucid/crypto';

export interface SignedTree {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Signs and recognises the heads of one log. The key's name is the log's origin, as C2SP tlog-checkpoint advises. */
export interface Notary {
  readonly origin: string;
  readonly key: VerifierKey;
  /** `key` in the note format, for whoever checks the log. */
  readonly verifierKey: string;
  /** The checkpoint as a signed note. */
  sign(tree: SignedTree): string;
  /** Size and root of a checkpoint that bears this log's valid signature; null for anything else. */
  open(note: string): SignedTree | null;
}

/** `secretKey` is the 32-byte Ed25519 seed. RangeError where the origin cannot name a key. */
export function createNotary(options: { origin: string; secretKey: Uint8Array }): Notary {
  const { origin, secretKey } = options;
  if (!isNoteName(origin))
    throw new RangeError('log origin: must not be empty nor hold spaces or plus signs');
  const signer = createNoteSigner({ name: origin, secretKey });
  const verifierKey = formatVerifierKey({ name: origin, publicKey: ed25519PublicKey(secretKey) });
  const key = parseVerifierKey(verifierKey);
  return {
    origin,
    key,
    verifierKey,
    sign: ({ size, root }) => signCheckpoint({ origin, size, root }, signer),
    open: (note) => openCheckpoint(note, origin, key),
  };
}

function openCheckpoint(text: string, origin: string, key: VerifierKey): SignedTree | null {
  try {
    const note = parseNote(text);
    const checkpoint = parseCheckpoint(note.text);
    return verifyNote(note, [key]).ok && checkpoint.origin === origin ? checkpoint : null;
  } catch (error) {
    if (error instanceof NoteError) return null;
    throw error;
  }
}
