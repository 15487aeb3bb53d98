import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import fc from 'fast-check';
import { decodeRlp, EthProofError, encodeRlp, integerToBytes, type RlpItem } from '../src/index.ts';
import { decoders, encoders, fromHex, type Nested, toNested } from './judges.ts';

const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'taken';
  } catch (error) {
    if (error instanceof EthProofError) return error.code;
    throw error;
  }
};

const strings = fc.oneof(
  fc.uint8Array({ maxLength: 70 }),
  fc.uint8Array({ minLength: 250, maxLength: 300 }),
  fc.uint8Array({ minLength: 1, maxLength: 1 }),
);
const { item: items } = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof({ maxDepth: 5 }, strings, fc.array(tie('item'), { maxLength: 12 })),
}));

describe('encoding', () => {
  // Examples of the page "Recursive-length prefix serialization" of ethereum.org.
  it.each<[string, RlpItem, string]>([
    ['dog', utf8ToBytes('dog'), '83646f67'],
    ['cat and dog', [utf8ToBytes('cat'), utf8ToBytes('dog')], 'c88363617483646f67'],
    ['the empty string', new Uint8Array(), '80'],
    ['the empty list', [], 'c0'],
    ['a zero byte', Uint8Array.of(0), '00'],
    ['fifteen', Uint8Array.of(15), '0f'],
    ['1024', integerToBytes(1024), '820400'],
    ['three', [[], [[]], [[], [[]]]], 'c7c0c1c0c3c0c1c0'],
  ])('of %s', (_, item, expected) => {
    expect(bytesToHex(encodeRlp(item))).toBe(expected);
    expect(decodeRlp(hexToBytes(expected))).toEqual(item);
  });

  it.each(Object.entries(encoders))('is that of %s', (_, encode) => {
    fc.assert(
      fc.property(items, (item) => {
        expect(bytesToHex(encodeRlp(item))).toBe(encode(item));
      }),
      { numRuns: 300 },
    );
  });

  it('round trips', () => {
    fc.assert(
      fc.property(items, (item) => {
        expect(toNested(decodeRlp(encodeRlp(item)))).toEqual(toNested(item));
      }),
    );
  });

  it('of an integer has no leading zeros', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 1n << 256n }), (value) => {
        const bytes = integerToBytes(value);
        expect(bytes[0]).not.toBe(0);
        expect(value).toBe(bytes.length === 0 ? 0n : BigInt(`0x${bytesToHex(bytes)}`));
      }),
    );
    for (const bad of [-1, -1n, 0.5, 2 ** 53]) expect(() => integerToBytes(bad)).toThrow(RangeError);
  });

  it('takes nothing but bytes and arrays', () => {
    for (const bad of ['a', 1, null, undefined, {}, [[1]]])
      expect(() => encodeRlp(bad as unknown as RlpItem)).toThrow(TypeError);
  });
});

describe('decoding', () => {
  it.each([
    ['nothing', '', 'rlp_truncated'],
    ['a string cut off', '83646f', 'rlp_truncated'],
    ['a list cut off', 'c883636174', 'rlp_truncated'],
    ['a member beyond its list', 'c283646f67', 'rlp_truncated'],
    ['a length cut off', 'b9', 'rlp_truncated'],
    ['a length cut off in its list', 'c1b8', 'rlp_truncated'],
    ['a length of 2^64 - 1', `bf${'ff'.repeat(8)}`, 'rlp_truncated'],
    ['a list of 2^64 - 1', `ff${'ff'.repeat(8)}`, 'rlp_truncated'],
    ['a byte behind', '8080', 'rlp_trailing'],
    ['a list behind', 'c0c0', 'rlp_trailing'],
    ['a small byte as a string', '8101', 'rlp_not_canonical'],
    ['a long form of a short string', 'b801ff', 'rlp_not_canonical'],
    ['a long form of the empty string', 'b800', 'rlp_not_canonical'],
    ['a long form of 55 bytes', `b837${'ff'.repeat(55)}`, 'rlp_not_canonical'],
    ['a length with a zero before', `b90038${'ff'.repeat(56)}`, 'rlp_not_canonical'],
    ['a long form of a short list', 'f801ff', 'rlp_not_canonical'],
    ['a list length with a zero before', `f90038${'7f'.repeat(56)}`, 'rlp_not_canonical'],
  ])('refuses %s', (_, hex, code) => {
    expect(codeOf(() => decodeRlp(hexToBytes(hex)))).toBe(code);
  });

  it('keeps its limits', () => {
    const nested = (depth: number): RlpItem => (depth === 0 ? [] : [nested(depth - 1)]);
    const limits = { maxBytes: 100, maxDepth: 3, maxItems: 5 };
    const code = (item: RlpItem) => codeOf(() => decodeRlp(encodeRlp(item), 'x', limits));
    expect(code(nested(2))).toBe('taken');
    expect(code(nested(3))).toBe('rlp_too_deep');
    expect(code([[], [], [], []])).toBe('taken');
    expect(code([[], [], [], [], []])).toBe('rlp_too_large');
    expect(code(new Uint8Array(98))).toBe('taken');
    expect(code(new Uint8Array(99))).toBe('rlp_too_large');
    // So many lists in each other end at the limit, not at the stack.
    expect(codeOf(() => decodeRlp(encodeRlp(nested(3000))))).toBe('rlp_too_deep');
    expect(codeOf(() => decodeRlp(new Uint8Array(5_000_000).fill(0xc0)))).toBe('rlp_trailing');
  });

  it('takes exactly what it would write, and what it takes all others read so', () => {
    const near = fc.tuple(
      fc.constantFrom(...[0, 1, 0x7f, 0x80, 0x81, 0xb7, 0xb8, 0xb9, 0xc0, 0xc1, 0xc8, 0xf7, 0xf8]),
      fc.uint8Array({ maxLength: 12 }),
    );
    const changed = fc.tuple(items, fc.nat(), fc.nat(7)).map(([item, at, bit]) => {
      const bytes = encodeRlp(item);
      bytes[at % bytes.length]! ^= 1 << bit;
      return bytes;
    });
    const hostile = fc.oneof(
      near.map(([head, tail]) => concatBytes(Uint8Array.of(head), tail)),
      fc.uint8Array({ maxLength: 200 }),
      changed,
    );
    let taken = 0;
    fc.assert(
      fc.property(hostile, (bytes) => {
        let item: RlpItem;
        try {
          item = decodeRlp(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(EthProofError);
          return;
        }
        taken++;
        expect(bytesToHex(encodeRlp(item))).toBe(bytesToHex(bytes));
        for (const decode of Object.values(decoders)) expect(decode(bytes)).toEqual(toNested(item));
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(300);
  });
});

const suite = process.env.LUCID_ETHEREUM_TESTS;

/** Numbers stand as they are, large ones as #digits. */
function readIn(value: unknown): RlpItem {
  if (Array.isArray(value)) return value.map(readIn);
  if (typeof value === 'number') return integerToBytes(value);
  const text = String(value);
  if (text.startsWith('#')) return integerToBytes(BigInt(text.slice(1)));
  return text.startsWith('0x') ? fromHex(text) : utf8ToBytes(text);
}

if (suite === undefined || !existsSync(join(suite, 'RLPTests')))
  test.skip('official RLP tests (skipped: LUCID_ETHEREUM_TESTS names no checkout of github.com/ethereum/tests)', () =>
    undefined);
else {
  const read = (name: string): [string, { in: unknown; out: string }][] =>
    Object.entries(JSON.parse(readFileSync(join(suite, 'RLPTests', name), 'utf8')));
  test.each(read('rlptest.json'))('official: %s', (_, { in: given, out }) => {
    const item = readIn(given);
    expect(bytesToHex(encodeRlp(item))).toBe(out.slice(2));
    expect(toNested(decodeRlp(fromHex(out)))).toEqual(toNested(item) as Nested);
  });
  test.each(read('invalidRLPTest.json'))('official, invalid: %s', (_, { out }) => {
    expect(codeOf(() => decodeRlp(fromHex(out)))).not.toBe('taken');
  });
}
