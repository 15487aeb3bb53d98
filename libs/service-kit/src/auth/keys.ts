/**
 * Ed25519 keys by which services know each other: one secret key a caller, and a keyring of every caller's public key.
 *
 * Texts are base64 of the 32 raw bytes (RFC 8032); a secret key may also be a PKCS #8 PEM.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** RFC 8410: the DER in front of the 32 bytes. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

/** Secret key of one caller. */
export interface ServiceKey {
  readonly caller: string;
  /** PKCS #8 PEM. */
  readonly secretPem: string;
  /** Base64 of 32 bytes. */
  readonly publicKey: string;
}

/** Public keys by caller, as SPKI PEM. */
export type Keyring = ReadonlyMap<string, string>;

const publicText = (key: KeyObject): string =>
  key.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length).toString('base64');

function serviceKey(caller: string, secretKey: KeyObject): ServiceKey {
  if (secretKey.asymmetricKeyType !== 'ed25519') throw new TypeError(`key of ${caller} is not Ed25519`);
  return {
    caller,
    secretPem: secretKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: publicText(createPublicKey(secretKey)),
  };
}

/** New keys for the named callers, and the keyring that knows them all. */
export function createServiceKeys(callers: readonly string[]): {
  keys: ReadonlyMap<string, ServiceKey>;
  keyring: Keyring;
} {
  const keys = new Map(
    callers.map((caller) => [caller, serviceKey(caller, generateKeyPairSync('ed25519').privateKey)]),
  );
  return { keys, keyring: keyringOf([...keys.values()]) };
}

export const keyringOf = (keys: readonly Pick<ServiceKey, 'caller' | 'publicKey'>[]): Keyring =>
  parseKeyring(Object.fromEntries(keys.map((each) => [each.caller, each.publicKey])));

/** @throws TypeError where the text is neither a PKCS #8 PEM, nor 32 raw bytes, nor their base64 or hex. */
export function parseServiceKey(caller: string, content: Uint8Array): ServiceKey {
  const text = Buffer.from(content).toString('utf8').trim();
  if (text.startsWith('-----BEGIN')) {
    try {
      return serviceKey(caller, createPrivateKey(text));
    } catch (cause) {
      throw new TypeError('service key is not an Ed25519 key in PKCS #8 PEM', { cause });
    }
  }
  const seed = content.length === 32 ? Buffer.from(content) : bytesOfText(text);
  if (seed?.length !== 32)
    throw new TypeError('service key must be PEM, or 32 bytes raw, in base64 or in hex');
  const der = Buffer.concat([pkcs8Prefix, seed]);
  return serviceKey(caller, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

function bytesOfText(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  return /^[A-Za-z0-9+/]{43}=$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

/** @throws TypeError where the value is not `{caller: base64 of 32 bytes}`. */
export function parseKeyring(value: unknown): Keyring {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('keyring must be an object of public keys by caller');
  return new Map(
    Object.entries(value).map(([caller, text]) => {
      const raw = typeof text === 'string' ? bytesOfText(text) : undefined;
      if (!raw) throw new TypeError(`keyring: public key of ${caller} must be base64 of 32 bytes`);
      const der = Buffer.concat([spkiPrefix, raw]);
      const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
      return [caller, key.export({ format: 'pem', type: 'spki' }).toString()];
    }),
  );
}
