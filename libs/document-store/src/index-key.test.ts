import fc from 'fast-check';
import type { IndexValue } from './document-store.ts';
import { afterPrefix, encodeIndexValue, indexEntry } from './index-key.ts';
import { compareEntries, rangeOf } from './range.ts';

const index = { name: 'both', fields: ['a', 'b'] };
// biome-ignore lint/suspicious/noControlCharactersInRegex: these two characters are refused by the encoding
const text = fc.string({ unit: 'binary' }).filter((each) => !/[\u0000\u0001]/.test(each));
const value: fc.Arbitrary<IndexValue> = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
);

const kindOf = (each: IndexValue): number => ['boolean', 'number', 'string'].indexOf(typeof each);

/** The order that the encoding claims, from the values themselves. */
function compareValues(a: IndexValue, b: IndexValue): number {
  if (kindOf(a) !== kindOf(b)) return kindOf(a) - kindOf(b);
  if (typeof a === 'string') return Math.sign(compareEntries(a, b as string));
  return Math.sign(Number(a) - Number(b));
}

const entryOf = (a: IndexValue, b: IndexValue, key = 'k') => indexEntry('c', index, key, { a, b }) ?? '';

test('entries order like their values, field by field, then like the keys', () =>
  fc.assert(
    fc.property(value, value, value, value, (a, b, c, d) => {
      const expected = compareValues(a, c) || compareValues(b, d) || -1;
      const found = compareEntries(entryOf(a, b, 'k1'), entryOf(c, d, 'k2'));
      expect(Math.sign(found)).toBe(Math.sign(expected));
    }),
    { numRuns: 2000 },
  ));

test('an entry lies in the range of its own values and prefixes, and in no other', () =>
  fc.assert(
    fc.property(value, text, text, (a, b, other) => {
      const entry = entryOf(a, b);
      const isIn = (options: object) => {
        const range = rangeOf('c', [index], { index: 'both', ...options });
        return compareEntries(entry, range.from) >= 0 && compareEntries(entry, range.to) < 0;
      };
      expect(isIn({ equals: [a] })).toBe(true);
      expect(isIn({ equals: [a, b] })).toBe(true);
      expect(isIn({ equals: [a, other] })).toBe(b === other);
      expect(isIn({ equals: [a], prefix: other })).toBe(b.startsWith(other));
      expect(isIn({ equals: [a], prefix: Array.from(b)[0] ?? '' })).toBe(true);
      expect(isIn({ equals: [a], from: other })).toBe(compareEntries(b, other) >= 0);
      expect(isIn({ equals: [a], to: other })).toBe(compareEntries(b, other) < 0);
    }),
    { numRuns: 1000 },
  ));

test.each([
  ['a', 'b'],
  ['az\u{10FFFF}', 'a{'],
  ['\ud7ff', '\ue000'],
  ['\uffff', '\u{10000}'],
  ['\u{10FFFF}', null],
  ['', null],
])('the least text above all that begin with %j', (prefix, expected) => {
  expect(afterPrefix(prefix)).toBe(expected);
});

test.each([[null], [undefined], [Number.NaN], ['\u0001'], ['\ud800'], [{}], [1n]])(
  '%p cannot be indexed',
  (bad) => {
    expect(encodeIndexValue(bad)).toBeNull();
  },
);
