import { hchacha20 } from './hchacha.ts';
import { kdfDeriveSubkey } from './kdf.ts';
import { ed25519GenerateKey, ed25519PublicKey, ed25519Sign, ed25519Verify } from './native-ed25519.ts';
import { createSha256, hmacSha256, randomBytes, sha256 } from './native-hash.ts';
import { xchacha20poly1305Open, xchacha20poly1305Seal } from './native-xchacha.ts';
import type { CryptoSuite } from './suite.ts';

export { hchacha20 } from './hchacha.ts';
export { kdfDeriveSubkey } from './kdf.ts';
export { ed25519GenerateKey, ed25519PublicKey, ed25519Sign, ed25519Verify } from './native-ed25519.ts';
export { createSha256, hmacSha256, randomBytes, sha256 } from './native-hash.ts';
export {
  type OpenInput,
  openDetached,
  type SealedParts,
  type SealInput,
  sealInto,
  xchacha20poly1305Open,
  xchacha20poly1305Seal,
} from './native-xchacha.ts';
export type { CryptoSuite, Ed25519KeyPair, Sha256Stream } from './suite.ts';

/** All of it as one value, for code that takes its cryptography as an argument. */
export const nativeCrypto: CryptoSuite = {
  sha256,
  createSha256,
  randomBytes,
  hmacSha256,
  kdfDeriveSubkey,
  ed25519GenerateKey,
  ed25519PublicKey,
  ed25519Sign,
  ed25519Verify,
  hchacha20,
  xchacha20poly1305Seal,
  xchacha20poly1305Open,
};
