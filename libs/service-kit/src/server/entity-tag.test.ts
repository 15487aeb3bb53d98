import { createHash } from 'node:crypto';
import { entityTagOf, namesEntityTag } from './entity-tag.ts';

test('a tag is the hash of the bytes, of text and of bytes alike', () => {
  const expected = `"${createHash('sha256').update('grüße').digest('base64url')}"`;
  const bytes = new TextEncoder().encode('grüße');
  expect([entityTagOf('grüße'), entityTagOf(bytes), entityTagOf(bytes)]).toEqual([
    expected,
    expected,
    expected,
  ]);
  expect(entityTagOf('grüsse')).not.toBe(expected);
});

test.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"b", "a"', true],
  ['"b" ,W/"a"', true],
  ['*', true],
  [undefined, false],
  ['', false],
  ['a', false],
  ['"b"', false],
  ['"a', false],
])('If-None-Match: %s', (header, expected) => {
  expect(namesEntityTag(header, '"a"')).toBe(expected);
});
