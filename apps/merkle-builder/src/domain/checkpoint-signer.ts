/** Signs the checkpoints of sessions, and judges stored ones (docs/evidence-format.md section 3). */
import {
  createNoteSigner,
  formatVerifierKey,
  parseCheckpoint,
  parseNote,
  parseSignerKey,
  parseVerifierKey,
  signCheckpoint,
  verifyNote,
} from '@lucid/checkpoint';
import { ed25519PublicKey } from '@lucid/crypto';
import { sessionOrigin } from '@lucid/session-format';

export interface SignedRoot {
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

export interface CheckpointSigner {
  /** Text of the signed note. */
  sign(sessionId: string, signed: SignedRoot): string;
  /** What a checkpoint of this session says, or null where this key did not sign it for this session. */
  read(sessionId: string, checkpoint: string): SignedRoot | null;
}

/** @throws NoteError where the text is no signer key */
export function createCheckpointSigner(signerKey: string): CheckpointSigner {
  const key = parseSignerKey(signerKey);
  const signer = createNoteSigner(key);
  const verifier = parseVerifierKey(
    formatVerifierKey({ name: key.name, publicKey: ed25519PublicKey(key.secretKey) }),
  );
  return {
    sign: (sessionId, { size, root }) =>
      signCheckpoint({ origin: sessionOrigin(sessionId), size, root }, signer),
    read(sessionId, checkpoint) {
      const note = parseNote(checkpoint);
      if (!verifyNote(note, [verifier]).ok) return null;
      const { origin, size, root } = parseCheckpoint(note.text);
      return origin === sessionOrigin(sessionId) ? { size, root } : null;
    },
  };
}
