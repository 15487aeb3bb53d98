/**
 * Opening age files (age-encryption.org/v1) with one meaning of failure: null where no identity or passphrase fits,
 * RecipientError where the file is not sound.
 */
import { armor, type Decrypter } from 'age-encryption';
import { RecipientError } from './errors.ts';

const INTRODUCTION = new TextEncoder().encode('age-encryption.org/v1\n');
const ARMOR_BEGIN = '-----BEGIN AGE ENCRYPTED FILE-----';

/** How age-encryption 0.3.1 says that nothing fits; a test holds it to these words. */
const NO_MATCH = "no identity matched any of the file's recipients";
const TOO_MUCH_WORK = 'scrypt work factor is too high';

export const isBinaryAgeFile = (bytes: Uint8Array): boolean =>
  bytes.length > INTRODUCTION.length && INTRODUCTION.every((byte, at) => bytes[at] === byte);

const startOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes.subarray(0, 256)).trimStart();

const isArmoredAgeFile = (bytes: Uint8Array): boolean => startOf(bytes).startsWith(ARMOR_BEGIN);

/** Whether the bytes begin as an age file, binary or armored. */
export const isAgeFile = (bytes: Uint8Array): boolean => isBinaryAgeFile(bytes) || isArmoredAgeFile(bytes);

/** Binary form of a binary or armored age file. @throws RecipientError age_damaged */
function binaryOf(bytes: Uint8Array): Uint8Array {
  if (isBinaryAgeFile(bytes)) return bytes;
  if (!isArmoredAgeFile(bytes))
    throw new RecipientError('age_damaged', { detail: 'it does not begin as an age file' });
  try {
    return armor.decode(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new RecipientError('age_damaged', { detail: 'its armor is not sound', cause: error });
  }
}

/** What a decrypter's error means; null: nothing that it holds fits. */
export function ageFailure(error: unknown): RecipientError | null {
  const message = error instanceof Error ? error.message : '';
  if (message === NO_MATCH) return null;
  return new RecipientError(message === TOO_MUCH_WORK ? 'work_factor_too_high' : 'age_damaged', {
    cause: error,
  });
}

/** The plaintext; null where nothing that the decrypter holds fits. @throws RecipientError age_damaged, work_factor_too_high */
export async function openAgeFile(decrypter: Decrypter, file: Uint8Array): Promise<Uint8Array | null> {
  const binary = binaryOf(file);
  try {
    return await decrypter.decrypt(binary);
  } catch (error) {
    const failure = ageFailure(error);
    if (failure) throw failure;
    return null;
  }
}
