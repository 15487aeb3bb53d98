/** HChaCha20, draft-irtf-cfrg-xchacha-03 section 2.2: the step that turns a 24-byte nonce into a key of its own. */
import { assertBytes } from '@lucid/bytes';
import { hchacha } from '@noble/ciphers/chacha.js';

/** The bytes as words in memory order, which is what noble expects on either byte order. Copies: views must be aligned. */
const toWords = (bytes: Uint8Array): Uint32Array => new Uint32Array(new Uint8Array(bytes).buffer);

const SIGMA = toWords(Uint8Array.from('expand 32-byte k', (letter) => letter.charCodeAt(0)));

export function hchacha20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  assertBytes(key, 'hchacha20 key', 32);
  assertBytes(nonce, 'hchacha20 nonce', 16);
  const keyWords = toWords(key);
  const out = new Uint32Array(8);
  hchacha(SIGMA, keyWords, toWords(nonce), out);
  keyWords.fill(0);
  return new Uint8Array(out.buffer);
}
