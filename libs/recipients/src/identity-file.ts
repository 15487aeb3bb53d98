/**
 * Identity files as `age-keygen` writes them (age(1), "Identity files"): comments, empty lines, and one identity a line.
 * With a passphrase the whole file is an age file (scrypt), which `age -d -i` asks a passphrase for.
 */
import { Decrypter, Encrypter } from 'age-encryption';
import { isAgeFile, openAgeFile } from './age-file.ts';
import { RecipientError } from './errors.ts';
import { type KeyPair, recipientOf } from './identity.ts';

/** age's own default: 2^18 blocks, 256 MiB and about a second. */
const DEFAULT_WORK_FACTOR = 18;
/** Identity files are small; more is something else that was named by mistake. */
const MAX_TEXT_BYTES = 1_048_576;

export interface IdentityFileOptions {
  readonly identity: string;
  readonly recipient: string;
  /** RFC 3339 text; what `age-keygen` writes behind `# created: `. */
  readonly createdAt: string;
  /** Further comment lines, without `# `. */
  readonly comments?: readonly string[];
}

export function formatIdentityFile(options: IdentityFileOptions): string {
  const comments = (options.comments ?? []).flatMap((each) => each.split('\n'));
  return [
    `# created: ${options.createdAt}`,
    ...comments.map((each) => `# ${each}`),
    `# public key: ${options.recipient}`,
    options.identity,
    '',
  ].join('\n');
}

/**
 * Every identity of the file with its recipient, in order. The recipient is computed: a wrong `# public key:` comment fools nobody.
 * @throws RecipientError identity_file_invalid with the number of the line, never its text
 */
export async function parseIdentityFile(text: string): Promise<KeyPair[]> {
  if (text.length > MAX_TEXT_BYTES)
    throw new RecipientError('identity_file_invalid', { detail: 'it is larger than 1 MiB' });
  const pairs: KeyPair[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const identity = line.trim();
    if (identity === '' || identity.startsWith('#')) continue;
    try {
      pairs.push({ identity, recipient: await recipientOf(identity) });
    } catch (error) {
      throw new RecipientError('identity_file_invalid', { detail: `line ${at + 1}`, cause: error });
    }
  }
  if (pairs.length === 0)
    throw new RecipientError('identity_file_invalid', { detail: 'there is no identity in it' });
  return pairs;
}

/** Whether the bytes are a passphrase-protected identity file (any age file: what it is protected by shows when it is opened). */
export const isSealedIdentityFile = (bytes: Uint8Array): boolean => isAgeFile(bytes);

/** An age file that protects an identity file with a passphrase; `workFactor` is the base-2 logarithm of scrypt's N. */
export async function sealIdentityFile(
  text: string,
  options: { readonly passphrase: string; readonly workFactor?: number },
): Promise<Uint8Array> {
  if (options.passphrase === '') throw new RangeError('the passphrase must not be empty');
  const encrypter = new Encrypter();
  encrypter.setPassphrase(options.passphrase);
  encrypter.setScryptWorkFactor(options.workFactor ?? DEFAULT_WORK_FACTOR);
  return encrypter.encrypt(text);
}

/** The identity file's text; null where the passphrase is wrong. @throws RecipientError age_damaged, work_factor_too_high */
export async function openIdentityFile(bytes: Uint8Array, passphrase: string): Promise<string | null> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const plain = await openAgeFile(decrypter, bytes);
  if (plain === null) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (error) {
    throw new RecipientError('identity_file_invalid', { detail: 'it is not text', cause: error });
  } finally {
    plain.fill(0);
  }
}
