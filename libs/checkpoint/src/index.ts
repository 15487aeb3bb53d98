import { nativeCrypto } from '@lucid/crypto';
import { createNotes } from './signing.ts';

export const {
  noteKeyId,
  formatVerifierKey,
  parseVerifierKey,
  formatSignerKey,
  parseSignerKey,
  createNoteSigner,
  createCosigner,
  signNote,
  addSignatures,
  signCheckpoint,
  verifyNote,
} = createNotes(nativeCrypto);

export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint-text.ts';
export { NoteError, type NoteErrorCode } from './error.ts';
export { formatNote, isNoteName, type Note, type NoteSignature, parseNote } from './note-text.ts';
export {
  createNotes,
  type NoteCrypto,
  type NoteFault,
  type NoteSigner,
  type Notes,
  type NoteVerdict,
  type SecretNoteKey,
  type VerifiedSignature,
} from './signing.ts';
export {
  NOTE_COSIGNATURE_V1,
  NOTE_ED25519,
  type NoteAlgorithm,
  type NoteKey,
  type VerifierKey,
} from './verifier-key.ts';
