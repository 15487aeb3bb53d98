import { concatBytes } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import fc from 'fast-check';
import {
  encodeIndex,
  encodePreamble,
  encodeTrailer,
  FOOTER_BYTES,
  parseFooter,
  parseIndex,
  parsePreamble,
  parseSectionHeader,
  parseTrailer,
  preambleFaults,
  readFooter,
  type Sections,
  sectionTags,
  tilingFault,
} from './bundle-layout.ts';

const sessionId = 'cd'.repeat(32);
const body = fc.uint8Array({ maxLength: 60 });
const anySections = fc
  .record({ MANI: body, CKPT: body, INDX: body, KEYS: body, ANCH: body }, { requiredKeys: [] })
  .map((sections): Sections => sections);
const recordsEnd = fc.integer({ min: 64, max: 2 ** 45 });
const hash = (byte: number) => new Uint8Array(32).fill(byte);
const patched = (bytes: Uint8Array, at: number, ...by: number[]): Uint8Array => {
  const copy = bytes.slice();
  copy.set(by, at);
  return copy;
};

describe('preamble', () => {
  const preamble = encodePreamble(sessionId);

  test('is what the format page says', () => {
    const hex = Buffer.from(preamble).toString('hex');
    expect(hex).toBe(`894c554349440d0a0001008000000000${sessionId}${'00'.repeat(16)}`);
    expect(parsePreamble(preamble)).toEqual({ ok: true, value: { sessionId } });
  });

  const broken = [
    ['wrong_magic', 'nothing', new Uint8Array()],
    ['wrong_magic', 'PNG', patched(preamble, 1, 0x50, 0x4e, 0x47)],
    ['wrong_magic', 'line ends converted', patched(preamble, 6, 0x0a)],
    ['truncated', 'one byte', preamble.subarray(0, 1)],
    ['truncated', '63 bytes', preamble.subarray(0, 63)],
    ['wrong_version', 'version 2', patched(preamble, 9, 2)],
    ['reserved_not_zero', 'another header size', patched(preamble, 11, 0x81)],
    ['reserved_not_zero', 'byte 12', patched(preamble, 12, 1)],
    ['reserved_not_zero', 'byte 63', patched(preamble, 63, 1)],
  ] as const;

  test.each(broken)('%s: %s', (fault, _, bytes) => {
    expect(parsePreamble(bytes)).toMatchObject({ ok: false, fault });
  });

  test('every fault has a case', () => {
    expect(new Set(broken.map(([fault]) => fault))).toEqual(new Set(preambleFaults));
  });

  test('needs a session id', () => {
    expect(() => encodePreamble('00'.repeat(33))).toThrow(TypeError);
  });
});

describe('trailer', () => {
  const sections: Sections = { MANI: Uint8Array.of(1, 2), CKPT: new Uint8Array(), KEYS: Uint8Array.of(3) };
  const trailer = encodeTrailer(sections, 1000);
  const size = 1000 + trailer.length;

  test('sections come back, whatever they hold', () => {
    fc.assert(
      fc.property(anySections, recordsEnd, (given, end) => {
        const bytes = encodeTrailer(given, end);
        const parsed = parseTrailer(bytes, end + bytes.length);
        expect(parsed).toMatchObject({ ok: true, value: { footer: { trailerOffset: end } } });
        if (parsed.ok) expect(parsed.value.sections).toEqual(given);
      }),
    );
  });

  test('any flipped bit is refused', () => {
    for (let bit = 0; bit < trailer.length * 8; bit++) {
      const flipped = patched(trailer, bit >> 3, trailer[bit >> 3]! ^ (1 << (bit & 7)));
      expect(parseTrailer(flipped, size).ok).toBe(false);
    }
  });

  test('any other length of the file, and any cut, is refused', () => {
    expect(parseTrailer(trailer, size + 1).ok).toBe(false);
    expect(parseFooter(trailer.subarray(-FOOTER_BYTES), size + 1).ok).toBe(false);
    expect(readFooter(trailer.subarray(-FOOTER_BYTES)).ok).toBe(true);
    for (let cut = 1; cut <= trailer.length; cut++) {
      expect(parseTrailer(trailer.subarray(cut), size).ok).toBe(false);
      expect(parseTrailer(trailer.subarray(0, -cut), size).ok).toBe(false);
    }
  });

  /** A trailer out of raw section bytes with a right digest: what a careful forger writes. */
  const forged = (raw: Uint8Array, count: number): Uint8Array => {
    const footer = encodeTrailer({}, 1000).slice();
    const view = new DataView(footer.buffer);
    view.setBigUint64(16, BigInt(1000 + raw.length + FOOTER_BYTES));
    view.setUint32(24, count);
    footer.set(sha256(raw, footer.subarray(0, 32)), 32);
    return concatBytes(raw, footer);
  };
  const section = (tag: string, sizeBytes: number, ...bytes: number[]): Uint8Array => {
    const head = new Uint8Array(16);
    head.set(Buffer.from(tag, 'latin1'));
    new DataView(head.buffer).setBigUint64(8, BigInt(sizeBytes));
    return concatBytes(head, Uint8Array.from(bytes));
  };

  test.each([
    ['an unknown section', section('XXXX', 0), 1, /unknown section/],
    ['a section twice', concatBytes(section('MANI', 0), section('MANI', 0)), 2, /repeated or out of order/],
    ['another order', concatBytes(section('CKPT', 0), section('MANI', 0)), 2, /repeated or out of order/],
    ['a section too long', section('MANI', 5, 1), 1, /runs past/],
    ['a section of 2^64-1 bytes', patched(section('MANI', 0), 8, ...new Array(8).fill(255)), 1, /runs past/],
    ['half a section header', section('MANI', 0).subarray(0, 9), 1, /cut off/],
    ['a reserved byte', patched(section('MANI', 0), 5, 1), 1, /reserved/],
    ['another count', section('MANI', 0), 2, /says 2 sections, found 1/],
  ])('%s is refused though the digest fits', (_, raw, count, detail) => {
    const bytes = forged(raw, count);
    expect(parseTrailer(bytes, 1000 + bytes.length)).toEqual({
      ok: false,
      detail: expect.stringMatching(detail),
    });
  });

  test('a forged trailer without a fault would be read', () => {
    const bytes = forged(section('MANI', 1, 7), 1);
    expect(parseTrailer(bytes, 1000 + bytes.length).ok).toBe(true);
  });

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.maxSafeNat(), (bytes, fileSize) => {
        expect(parseTrailer(bytes, fileSize).ok).toBe(false);
        parseSectionHeader(bytes);
        readFooter(bytes);
        parsePreamble(bytes);
        parseIndex(bytes);
      }),
    );
  });

  test('needs an offset behind the preamble', () => {
    for (const end of [63, -1, 0.5, 2 ** 53]) expect(() => encodeTrailer({}, end)).toThrow(RangeError);
  });

  test('tags are read as written', () => {
    for (const tag of sectionTags)
      expect(parseSectionHeader(section(tag, 9))).toEqual({ ok: true, value: { tag, sizeBytes: 9 } });
  });
});

describe('index', () => {
  const rows = [
    { offset: 264, sizeBytes: 150, leafHash: hash(1) },
    { offset: 64, sizeBytes: 200, leafHash: hash(2) },
    { offset: 414, sizeBytes: 128, leafHash: hash(3) },
  ];

  test('comes back and tiles in any order', () => {
    expect(parseIndex(encodeIndex(rows))).toEqual({ ok: true, value: rows });
    expect(tilingFault(rows, 542)).toBeNull();
    expect(tilingFault([], 64)).toBeNull();
    const anyRows = fc.array(
      fc.record({ sizeBytes: fc.integer({ min: 128, max: 2 ** 32 - 1 }), byte: fc.nat(255) }),
    );
    fc.assert(
      fc.property(anyRows, (sizes) => {
        let offset = 64;
        const tiled = sizes.map(({ sizeBytes, byte }) => {
          const row = { offset, sizeBytes, leafHash: hash(byte) };
          offset += sizeBytes;
          return row;
        });
        expect(parseIndex(encodeIndex(tiled))).toEqual({ ok: true, value: tiled });
        expect(tilingFault(tiled.reverse(), offset)).toBeNull();
      }),
    );
  });

  test.each([
    [
      'a hole',
      rows.map((row) => (row.offset === 414 ? { ...row, offset: 415 } : row)),
      543,
      /record 2 .* 415/,
    ],
    [
      'an overlap',
      rows.map((row) => (row.offset === 264 ? { ...row, offset: 263 } : row)),
      542,
      /record 0 .* 263/,
    ],
    ['the same place twice', [...rows, rows[0]!], 542, /record 3 .* 264/],
    ['a record shorter than its header', [{ ...rows[1]!, sizeBytes: 127 }], 191, /127 bytes/],
    ['an end too early', rows, 500, /records end at 542/],
    ['an end too late', rows, 600, /records end at 542/],
  ])('%s is told', (_, wrong, end, detail) => {
    expect(tilingFault(wrong, end)).toMatch(detail);
  });

  test('is made of rows of 44 bytes with hashes of 32', () => {
    expect(parseIndex(new Uint8Array(45)).ok).toBe(false);
    expect(() => encodeIndex([{ ...rows[0]!, leafHash: hash(1).subarray(1) }])).toThrow(RangeError);
    expect(() => encodeIndex([{ ...rows[0]!, leafHash: new Uint8Array(33) }])).toThrow(RangeError);
  });
});
