export { isAgeFile } from './age-file.ts';
export { decryptStream, encryptStream } from './age-stream.ts';
export { isRecipientError, RECIPIENT_ERRORS, RecipientError, type RecipientErrorCode } from './errors.ts';
export { generateIdentity, isRecipient, type KeyPair, recipientOf } from './identity.ts';
export {
  formatIdentityFile,
  type IdentityFileOptions,
  isSealedIdentityFile,
  openIdentityFile,
  parseIdentityFile,
  sealIdentityFile,
} from './identity-file.ts';
export { SESSION_KEY_BYTES, unwrapSessionKey, wrapSessionKey } from './session-key.ts';
