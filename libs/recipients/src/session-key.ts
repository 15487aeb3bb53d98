/**
 * Wrapping a session key for one recipient (docs/evidence-format.md section 4): an age file whose plaintext is exactly
 * the 32 bytes of the key, so that stock `age -d -i IDENTITY` recovers it.
 */
import { openAgeFile } from './age-file.ts';
import { RecipientError } from './errors.ts';
import { decrypterWith, encrypterTo } from './identity.ts';

export const SESSION_KEY_BYTES = 32;

/** Bytes of an age file, fresh at each call. @throws RecipientError recipient_invalid; RangeError for another key size */
export async function wrapSessionKey(key: Uint8Array, recipient: string): Promise<Uint8Array> {
  if (key.length !== SESSION_KEY_BYTES) throw new RangeError('a session key is 32 bytes');
  return encrypterTo(recipient).encrypt(key);
}

/**
 * The session key, which the caller wipes after use; null where none of the identities is of the file's recipient. That the key is the session's own
 * is said by the key commitment of record 0, not here.
 * @throws RecipientError identity_invalid, age_damaged
 */
export async function unwrapSessionKey(
  ageFile: Uint8Array,
  identities: readonly string[],
): Promise<Uint8Array | null> {
  const decrypter = decrypterWith(identities);
  const key = await openAgeFile(decrypter, ageFile);
  if (key === null || key.length === SESSION_KEY_BYTES) return key;
  key.fill(0);
  throw new RecipientError('age_damaged', { detail: 'what it holds is not a session key' });
}
