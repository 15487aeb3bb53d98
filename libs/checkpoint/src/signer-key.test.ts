import { bytesToBase64, concatBytes } from '@lucid/bytes';
import { ed25519GenerateKey, ed25519PublicKey } from '@lucid/crypto';
import {
  createNoteSigner,
  formatSignerKey,
  formatVerifierKey,
  NoteError,
  parseSignerKey,
  parseVerifierKey,
  signNote,
  verifyNote,
} from './index.ts';
import * as portable from './portable.ts';

/** The example of the documentation of golang.org/x/mod/sumdb/note. */
const goSignerKey = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const goVerifierKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof NoteError) return error.code;
    throw error;
  }
  return 'none';
};

describe('signer keys', () => {
  test('the key of the Go documentation, in both faces', () => {
    for (const face of [{ parseSignerKey, formatSignerKey }, portable]) {
      const key = face.parseSignerKey(goSignerKey);
      expect(key.name).toBe('PeterNeumann');
      expect(face.formatSignerKey(key)).toBe(goSignerKey);
      expect(formatVerifierKey({ name: key.name, publicKey: ed25519PublicKey(key.secretKey) })).toBe(
        goVerifierKey,
      );
    }
  });

  test('what it signs verifies', () => {
    const key = { name: 'recorder.example', secretKey: ed25519GenerateKey().secretKey };
    const signer = createNoteSigner(parseSignerKey(formatSignerKey(key)));
    const verifier = parseVerifierKey(
      formatVerifierKey({ name: key.name, publicKey: ed25519PublicKey(key.secretKey) }),
    );
    expect(verifyNote(signNote('text\n', [signer]), [verifier]).ok).toBe(true);
  });

  test('refuses what is no key, without quoting it', () => {
    const other = bytesToBase64(concatBytes(new Uint8Array([1]), ed25519GenerateKey().secretKey));
    expect(codeOf(() => parseSignerKey(goVerifierKey))).toBe('malformed-key');
    expect(codeOf(() => parseSignerKey(`${goSignerKey}AAAA`))).toBe('malformed-key');
    expect(codeOf(() => parseSignerKey(goSignerKey.replace('Peter', 'Petra')))).toBe('malformed-key');
    expect(codeOf(() => parseSignerKey(goSignerKey.replace('+AYEK', '+BIEK')))).toBe('unknown-algorithm');
    expect(codeOf(() => parseSignerKey(`PRIVATE+KEY+PeterNeumann+c74f20a3+${other}`))).toBe('malformed-key');
    expect(() => parseSignerKey('PRIVATE+KEY+a+00000000+secret!')).toThrow(/^((?!secret!).)*$/);
  });
});
