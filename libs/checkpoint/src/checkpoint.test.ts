import {
  bytesToBase64,
  bytesToHex,
  concatBytes,
  hexToBytes,
  isWellFormedText,
  u64ToBytes,
  utf8ToBytes,
} from '@lucid/bytes';
import fc from 'fast-check';
import { ownVector } from '../../../vectors/locate.ts';
import * as native from './index.ts';
import { NoteError, type NoteErrorCode, type VerifierKey } from './index.ts';
import * as portable from './portable.ts';

interface NoteVectors {
  readonly keys: readonly {
    name: string;
    seed: string;
    publicKey: string;
    keyId: string;
    alg: 1 | 4;
    vkey: string;
    known: boolean;
  }[];
  readonly notes: readonly {
    name: string;
    note: string;
    accepted: boolean;
    error?: string;
    text?: string;
    signedBy?: number[];
    unknown: number;
  }[];
}

const { keys, notes } = JSON.parse(ownVector('signed-note/notes.json')) as NoteVectors;
const FACES = [
  ['native', native],
  ['portable', portable],
] as const;

function codeOf(use: () => unknown): NoteErrorCode | null {
  try {
    use();
    return null;
  } catch (error) {
    if (error instanceof NoteError) return error.code;
    throw error;
  }
}

const root = new Uint8Array(32).fill(7);
const seed = new Uint8Array(32).fill(1);
const signer = native.createNoteSigner({ name: 'log.invalid', secretKey: seed });
const cosigner = native.createCosigner({
  name: 'w.invalid',
  secretKey: seed,
  timestamp: () => 1_767_225_600,
});

describe.each(FACES)("notes made and judged by Go's x/mod, %s", (_, face) => {
  const known = keys.filter((key) => key.known).map((key) => face.parseVerifierKey(key.vkey));

  it('reads and writes the verifier keys', () => {
    expect(keys).toHaveLength(4);
    for (const { name, publicKey, keyId, alg, vkey } of keys) {
      const key = { name, publicKey: hexToBytes(publicKey), alg };
      expect(face.formatVerifierKey(key)).toBe(vkey);
      expect(face.parseVerifierKey(vkey)).toEqual({ ...key, keyId: Number.parseInt(keyId, 16) });
    }
  });

  it.each(notes.map((each) => [each.name, each] as const))('%s', (_name, vector) => {
    let verdict: ReturnType<typeof face.verifyNote> | null = null;
    const code = codeOf(() => {
      verdict = face.verifyNote(vector.note, known);
    });
    const judged = verdict as ReturnType<typeof face.verifyNote> | null;
    expect(code === null && judged?.ok === true).toBe(vector.accepted);
    if (vector.error === 'malformed note') expect(code).not.toBeNull();
    if (vector.error === 'note has no verifiable signatures') {
      expect(judged).toEqual({ ok: false, why: 'no-known-signature' });
    }
    if (vector.error?.startsWith('invalid signature')) {
      expect(judged).toEqual({ ok: false, why: 'wrong-signature' });
    }
    if (!judged?.ok) return;
    expect(judged.note.text).toBe(vector.text);
    expect(judged.unknown.length > 0).toBe(vector.unknown > 0);
    const names = (vector.signedBy ?? []).map((at) => keys[at]!.vkey);
    expect(judged.verified.map(({ key }) => face.formatVerifierKey(key))).toEqual(names);
    expect(face.verifyNote(utf8ToBytes(vector.note), known)).toEqual(judged);
    expect(face.formatNote(judged.note)).toBe(vector.note);
  });

  it('signs the same bytes as Go', () => {
    const all = notes.find((each) => each.name === 'all signatures and a cosignature')!;
    const signers = keys.map(({ name, seed: hex, alg }) => {
      const key = { name, secretKey: hexToBytes(hex) };
      return alg === 1
        ? face.createNoteSigner(key)
        : face.createCosigner({ ...key, timestamp: () => 1_767_225_600 });
    });
    expect(face.signNote(all.text!, signers)).toBe(all.note);
    const [first, ...others] = signers;
    const one = face.signCheckpoint(face.parseCheckpoint(all.text!), first!);
    expect(face.addSignatures(face.parseNote(one), others)).toBe(all.note);
    const verdict = face.verifyNote(all.note, known);
    expect(verdict.ok && verdict.verified.map((each) => each.timestamp)).toEqual([
      undefined,
      undefined,
      1_767_225_600,
    ]);
  });
});

describe('verifier keys', () => {
  const good = keys[0]!.vkey;
  const [name, id, key] = good.split('+') as [string, string, string];
  const short = bytesToBase64(new Uint8Array(32).fill(1));

  it.each<[NoteErrorCode, string]>([
    ['malformed-key', ''],
    ['malformed-key', name],
    ['malformed-key', `${name}+${id}`],
    ['malformed-key', `${name}+${id.toUpperCase()}+${key}`],
    ['malformed-key', `${name}+00000000+${key}`],
    ['malformed-key', `${name}x+${id}+${key}`],
    ['malformed-key', `${name}+${id}+${key}=`],
    ['malformed-key', `${name}+${id}+${short}`],
    ['malformed-key', `${name}+${id.slice(1)}+${key}`],
    ['malformed-name', `+${id}+${key}`],
    ['malformed-name', `a b+${id}+${key}`],
    ['unknown-algorithm', `${name}+${id}+AgAA`],
    ['unknown-algorithm', `${name}+${id}+`],
  ])('refuses, %s: %j', (code, vkey) => {
    expect(codeOf(() => native.parseVerifierKey(vkey))).toBe(code);
  });

  it('refuses names that no note can carry', () => {
    for (const bad of ['', 'a b', 'a+b', 'a\u2003b', 'a\nb', 'a\u0085b', 'a\u0001b']) {
      expect(codeOf(() => native.createNoteSigner({ name: bad, secretKey: seed }))).toBe('malformed-name');
    }
  });
});

describe('checkpoints', () => {
  const text = native.formatCheckpoint({ origin: 'log.invalid', size: 20, root });

  it('are what they were, with and without extension lines', () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((each) => isWellFormedText(each));
    fc.assert(
      fc.property(
        line,
        fc.maxSafeNat(),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.array(line, { maxLength: 3 }),
        (origin, size, hash, extensions) => {
          const checkpoint = { origin, size, root: hash, extensions };
          expect(native.parseCheckpoint(native.formatCheckpoint(checkpoint))).toEqual(checkpoint);
        },
      ),
    );
  });

  it.each([
    ['', 'empty'],
    ['log.invalid\n20\n', 'no root'],
    [text.slice(0, -1), 'no newline at the end'],
    [text.replace('log.invalid', ''), 'no origin'],
    [text.replace('20', '020'), 'leading zero'],
    [text.replace('20', '+20'), 'sign'],
    [text.replace('20', '-1'), 'negative'],
    [text.replace('20', '0x14'), 'hexadecimal'],
    [text.replace('20', '2e1'), 'exponent'],
    [text.replace('20', '9007199254740992'), 'no safe integer'],
    [text.replace('20', '99999999999999999999'), 'more digits'],
    [text.replace('20', ''), 'no size'],
    [text.replace('20', ' 20'), 'space'],
    [text.replace('=\n', '\n'), 'no padding'],
    [text.replace('Bwc', 'Bw'), 'short root'],
    [`${text}\n`, 'empty extension line'],
    [`${text}a\n\nb\n`, 'empty line between extensions'],
    [text.replaceAll('\n', '\r\n'), 'carriage returns'],
  ])('refuse %j: %s', (bad) => {
    expect(bad).not.toBe(text);
    expect(codeOf(() => native.parseCheckpoint(bad))).toBe('malformed-checkpoint');
  });

  it('are not written from what could not be read', () => {
    const good = { origin: 'o', size: 1, root };
    for (const bad of [
      { ...good, size: -1 },
      { ...good, size: 2 ** 53 },
      { ...good, root: root.subarray(1) },
      { ...good, origin: '' },
      { ...good, origin: 'a\nb' },
      { ...good, origin: '\ud800' },
      { ...good, extensions: [''] },
      { ...good, extensions: ['a\n'] },
    ]) {
      expect(() => native.formatCheckpoint(bad)).toThrow(RangeError);
    }
    expect(() => native.formatCheckpoint({ ...good, size: '1' as unknown as number })).toThrow(TypeError);
  });
});

describe('signing and verifying', () => {
  const text = native.formatCheckpoint({ origin: 'log.invalid', size: 20, root });
  const vkey = (name: string, alg: 1 | 4): VerifierKey =>
    native.parseVerifierKey(
      native.formatVerifierKey({ name, alg, publicKey: hexToBytes(PUBLIC_KEY_OF_SEED) }),
    );
  // RFC 8032 public key of the seed 01…01, as Go computes it.
  const PUBLIC_KEY_OF_SEED = '8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c';
  const verifiers = [vkey('log.invalid', 1), vkey('w.invalid', 4)];
  const note = native.signNote(text, [signer, cosigner]);

  it('the cosignature covers header, time and text, and nothing is accepted for the other algorithm', () => {
    const [, cosignature] = native.parseNote(note).signatures;
    const time = 1_767_225_600;
    expect(cosignature!.signature.subarray(0, 8)).toEqual(u64ToBytes(time));
    const relabelled = (name: string, alg: 1 | 4, signature: Uint8Array): string =>
      native.formatNote({ text, signatures: [{ name, keyId: vkey(name, alg).keyId, signature }] });
    const plain = signer.sign(text);
    const wrong = { ok: false, why: 'wrong-signature' };
    for (const bad of [plain, concatBytes(u64ToBytes(time), plain)]) {
      expect(native.verifyNote(relabelled('w.invalid', 4, bad), verifiers)).toEqual(wrong);
    }
    for (const bad of [cosignature!.signature, cosignature!.signature.subarray(8)]) {
      expect(native.verifyNote(relabelled('log.invalid', 1, bad), verifiers)).toEqual(wrong);
    }
    const huge = concatBytes(u64ToBytes(2n ** 63n), cosignature!.signature.subarray(8));
    expect(native.verifyNote(relabelled('w.invalid', 4, huge), verifiers)).toEqual(wrong);
  });

  it('refuses a second, wrong signature under a known key, and two verifiers of one id', () => {
    const [good] = native.parseNote(note).signatures;
    const bad = { ...good!, signature: good!.signature.map((byte) => byte ^ 1) };
    expect(native.verifyNote({ text, signatures: [good!, bad] }, verifiers)).toEqual({
      ok: false,
      why: 'wrong-signature',
    });
    expect(native.verifyNote(note, [verifiers[0]!, { ...verifiers[0]! }])).toEqual({
      ok: false,
      why: 'ambiguous-verifiers',
    });
  });

  it('cosigns checkpoints only, at a time that is one', () => {
    expect(codeOf(() => native.signNote('no checkpoint\n', [cosigner]))).toBe('malformed-checkpoint');
    for (const time of [-1, 0.5, Number.NaN, 2 ** 53]) {
      const bad = native.createCosigner({ name: 'w.invalid', secretKey: seed, timestamp: () => time });
      expect(() => native.signNote(text, [bad])).toThrow(RangeError);
    }
  });

  it('does not write what it would not read', () => {
    const many = new Array(101).fill(signer) as (typeof signer)[];
    expect(codeOf(() => native.signNote(text, many))).toBe('too-many-signatures');
    expect(codeOf(() => native.signNote(text, []))).toBe('malformed-note');
    expect(codeOf(() => native.signNote('no newline', [signer]))).toBe('malformed-note');
    expect(codeOf(() => native.signNote('a\tb\n', [signer]))).toBe('malformed-note');
    expect(codeOf(() => native.signNote(`${'x'.repeat(1_000_000)}\n`, [signer]))).toBe('too-large');
    expect(codeOf(() => native.parseNote('x'.repeat(1_000_001)))).toBe('too-large');
    expect(codeOf(() => native.parseNote('é'.repeat(600_000)))).toBe('too-large');
    expect(codeOf(() => native.parseNote('\ud800\n\n— a AAAAAAAA\n'))).toBe('malformed-note');
    expect(codeOf(() => native.parseNote(hexToBytes('ff0a0a')))).toBe('malformed-note');
    expect(() => native.parseNote(1 as unknown as string)).toThrow(TypeError);
  });

  it('every flipped bit of a note is refused, or hits a signature by nobody known', () => {
    const bytes = utf8ToBytes(note);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = bytes.slice();
      changed[bit >> 3]! ^= 1 << (bit & 7);
      let verdict: ReturnType<typeof native.verifyNote> = { ok: false, why: 'no-known-signature' };
      codeOf(() => {
        verdict = native.verifyNote(changed, verifiers);
      });
      const both = verdict.ok ? (verdict as { verified: readonly unknown[] }).verified.length : 0;
      expect(both).toBeLessThan(2);
      if (both === 1) expect((verdict as unknown as { note: { text: string } }).note.text).toBe(text);
    }
  });

  it('fuzz: only declared errors leave the parsers', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\n', '\n\n', '— ', ' ', 'AAAAAAAAAAA=', 'log.invalid', '0', '+', note, text),
    );
    const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(soup, fc.uint8Array(), (each, noise) => {
        codeOf(() => expect(native.formatNote(native.parseNote(each))).toBe(each));
        codeOf(() => native.parseNote(noise));
        codeOf(() => expect(native.formatCheckpoint(native.parseCheckpoint(each))).toBe(each));
        codeOf(() => expect(native.formatVerifierKey(native.parseVerifierKey(each))).toBe(each));
        codeOf(() => native.verifyNote(each, verifiers));
      }),
      { numRuns: 1500 },
    );
  });

  it('is the same on both faces', () => {
    expect(bytesToHex(utf8ToBytes(portable.signNote(text, [signer, cosigner])))).toBe(
      bytesToHex(utf8ToBytes(note)),
    );
    expect(portable.verifyNote(note, verifiers)).toEqual(native.verifyNote(note, verifiers));
  });
});
