/**
 * What the node's secret is good for. Each purpose has a key of its own (HKDF, RFC 5869); boxes are AES-256-GCM with a random
 * nonce, bound to what they are for, so that one cannot be put into another's place.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export const sha256Text = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('base64url');

/** Nothing can be done about it here: whoever runs the service has to give the secret that was used before. */
export class SecretMismatchError extends Error {
  override readonly name = 'SecretMismatchError';
  readonly code = 'auth_secret_mismatch';
  constructor(cause: unknown) {
    super('what is stored was encrypted with another AUTH_SECRET; give the service the one of before', {
      cause,
    });
  }
}

export interface NodeSecret {
  /** `about` says what the box is for and whose; it must be the same at the opening. */
  seal(about: string, plain: Uint8Array): Uint8Array;
  /** @throws SecretMismatchError where the box was made with another secret, for something else, or was changed */
  open(about: string, box: Uint8Array): Buffer;
  /** 32 bytes that only this node can work out. */
  derive(about: string, input: Uint8Array): Buffer;
}

export function createNodeSecret(secret: string, random: (sizeBytes: number) => Uint8Array): NodeSecret {
  const keyFor = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secret, 'lucid-authentication/1', purpose, 32));
  const boxKey = keyFor('boxes');
  const deriveKey = keyFor('derived');
  return {
    seal(about, plain) {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', boxKey, nonce).setAAD(Buffer.from(about));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(about, box) {
      const end = box.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', boxKey, box.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(about)).setAuthTag(box.subarray(end));
      try {
        return Buffer.concat([decipher.update(box.subarray(NONCE_BYTES, end)), decipher.final()]);
      } catch (cause) {
        throw new SecretMismatchError(cause);
      }
    },
    derive: (about, input) =>
      createHmac('sha256', deriveKey).update(about).update('\0').update(input).digest(),
  };
}
