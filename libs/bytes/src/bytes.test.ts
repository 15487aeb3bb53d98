import fc from 'fast-check';
import {
  base64ToBytes,
  bytesToBase64,
  bytesToHex,
  bytesToU64,
  bytesToUtf8,
  compareBytes,
  concatBytes,
  equalBytes,
  hexToBytes,
  isBytes,
  isHex,
  u64ToBytes,
  utf8ToBytes,
} from './index.ts';

const bytes = () => fc.uint8Array({ maxLength: 200 });
const wrong = [undefined, null, 1, {}, [1, 2], new Uint16Array(2)] as unknown as Uint8Array[];

/** Only the declared errors may leave a parser. */
function declared(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

describe('hex', () => {
  it('agrees with Buffer both ways', () => {
    fc.assert(
      fc.property(bytes(), (value) => {
        const text = bytesToHex(value);
        expect(text).toBe(Buffer.from(value).toString('hex'));
        expect(hexToBytes(text)).toEqual(value);
        expect(isHex(text, value.length)).toBe(true);
        expect(isHex(text, value.length + 1)).toBe(false);
      }),
    );
  });

  it.each(['a', 'AA', '0x', ' a', 'a ', 'zz', '٠٠', 'a\n', '\u0130a'])('refuses %j', (text) => {
    expect(() => hexToBytes(text)).toThrow(RangeError);
    expect(isHex(text)).toBe(false);
  });

  it('fuzz: accepts exactly what it would write itself', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789abcdefAF ') })),
        (text) => {
          declared(() => expect(bytesToHex(hexToBytes(text))).toBe(text));
        },
      ),
    );
  });
});

describe('base64', () => {
  // RFC 4648 section 10.
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('%j is %j', (plain, text) => {
    expect(bytesToBase64(utf8ToBytes(plain))).toBe(text);
    expect(bytesToUtf8(base64ToBytes(text))).toBe(plain);
  });

  it('agrees with Buffer both ways', () => {
    fc.assert(
      fc.property(bytes(), (value) => {
        const text = bytesToBase64(value);
        expect(text).toBe(Buffer.from(value).toString('base64'));
        expect(base64ToBytes(text)).toEqual(value);
      }),
    );
  });

  it.each([
    'Zg',
    'Zg=',
    'Zh==',
    'Zm9=',
    'Zg==Zg==',
    '====',
    '=',
    'Z===',
    'Zm9v\n',
    'Zm9-',
    'Zm9_',
    'Zm 9',
    'Zm9ł',
    'Z=g=',
  ])('refuses %j', (text) => {
    expect(() => base64ToBytes(text)).toThrow(RangeError);
  });

  it('fuzz: accepts exactly what it would write itself', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'ABCZabcz0189+/=-_ ') });
    fc.assert(
      fc.property(fc.oneof(fc.string(), digits), (text) => {
        declared(() => expect(bytesToBase64(base64ToBytes(text))).toBe(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('UTF-8', () => {
  it('gives back every well-formed text, a byte order mark too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(bytesToUtf8(utf8ToBytes(text))).toBe(text);
      }),
    );
    expect(bytesToUtf8(utf8ToBytes('\ufeffa'))).toBe('\ufeffa');
  });

  it.each(['\ud800', 'a\udc00b', '\udc00\ud800'])('refuses the lone surrogate in %j', (text) => {
    expect(() => utf8ToBytes(text)).toThrow(RangeError);
  });

  it.each(['80', 'c0af', 'eda080', 'f4908080', 'c3'])('refuses the bytes %s', (hex) => {
    expect(() => bytesToUtf8(hexToBytes(hex))).toThrow(RangeError);
  });
});

describe('byte strings', () => {
  it('concatenates, compares and tests for equality like Buffer', () => {
    fc.assert(
      fc.property(bytes(), bytes(), (a, b) => {
        expect(concatBytes(a, b)).toEqual(Uint8Array.from(Buffer.concat([a, b])));
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(equalBytes(a, a.slice())).toBe(true);
      }),
    );
  });

  it('finds each flipped bit', () => {
    const value = hexToBytes('00ff5a');
    for (let bit = 0; bit < 24; bit++) {
      const flipped = value.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(equalBytes(value, flipped)).toBe(false);
    }
  });

  it('writes and reads integers of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat(9), (value, offset) => {
        const framed = concatBytes(new Uint8Array(offset), u64ToBytes(value));
        expect(bytesToU64(framed, offset)).toBe(value);
      }),
    );
    expect(bytesToHex(u64ToBytes(258))).toBe('0000000000000102');
  });

  it('refuses integers outside the range and reads outside the bytes', () => {
    for (const bad of [-1, -1n, 1n << 64n, 2 ** 53, 0.5, Number.NaN]) {
      expect(() => u64ToBytes(bad)).toThrow(RangeError);
    }
    for (const offset of [1, -1, 0.5, Number.NaN]) {
      expect(() => bytesToU64(new Uint8Array(8), offset)).toThrow(RangeError);
    }
    expect(() => u64ToBytes('1' as unknown as number)).toThrow(TypeError);
  });

  it('answers a wrong kind with a TypeError', () => {
    for (const value of wrong) {
      expect(isBytes(value)).toBe(false);
      for (const use of [bytesToHex, bytesToBase64, bytesToUtf8, bytesToU64, concatBytes]) {
        expect(() => use(value)).toThrow(TypeError);
      }
      expect(() => equalBytes(value, new Uint8Array(2))).toThrow(TypeError);
      expect(() => compareBytes(new Uint8Array(2), value)).toThrow(TypeError);
      for (const use of [hexToBytes, base64ToBytes, utf8ToBytes]) {
        expect(() => use(value as unknown as string)).toThrow(TypeError);
      }
    }
  });
});
