/** age identities (secret) and recipients (public): X25519, as `age-keygen` makes them. */
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { RecipientError } from './errors.ts';

export interface KeyPair {
  /** `AGE-SECRET-KEY-1…`; secret. */
  readonly identity: string;
  /** `age1…` */
  readonly recipient: string;
}

export async function generateIdentity(): Promise<KeyPair> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** @throws RecipientError identity_invalid */
export async function recipientOf(identity: string): Promise<string> {
  try {
    return await identityToRecipient(identity);
  } catch (error) {
    throw identityInvalid(error);
  }
}

/** An encrypter to one recipient. @throws RecipientError recipient_invalid */
export function encrypterTo(recipient: string): Encrypter {
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch (error) {
    throw new RecipientError('recipient_invalid', { cause: error });
  }
  return encrypter;
}

/** @throws RecipientError identity_invalid */
export function decrypterWith(identities: readonly string[]): Decrypter {
  const decrypter = new Decrypter();
  try {
    for (const identity of identities) decrypter.addIdentity(identity);
  } catch (error) {
    throw identityInvalid(error);
  }
  return decrypter;
}

/** Whether the text is a recipient that something can be wrapped for; its checksum is judged too. */
export function isRecipient(text: string): boolean {
  try {
    encrypterTo(text);
    return true;
  } catch {
    return false;
  }
}

/** The library's message may repeat what it was given, and that is a secret: only the kind of the failure is kept. */
const identityInvalid = (error: unknown): RecipientError =>
  new RecipientError('identity_invalid', {
    cause: new Error(error instanceof Error ? `refused with ${error.name}` : 'refused'),
  });
