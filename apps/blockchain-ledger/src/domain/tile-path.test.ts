import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatTilePath, parseTilePath } from './tile-path.ts';

// From the text of C2SP tlog-tiles.
const spelled: [string, { level: number | 'entries'; number: number; width: number }][] = [
  ['tile/0/x001/x234/067', { level: 0, number: 1234067, width: 256 }],
  ['tile/0/x001/x234/067.p/8', { level: 0, number: 1234067, width: 8 }],
  ['tile/63/000', { level: 63, number: 0, width: 256 }],
  ['tile/1/255.p/255', { level: 1, number: 255, width: 255 }],
  ['tile/entries/x001/000', { level: 'entries', number: 1000, width: 256 }],
  ['tile/entries/999.p/1', { level: 'entries', number: 999, width: 1 }],
];

describe('paths of tlog-tiles', () => {
  test.each(spelled)('%s', (path, tile) => {
    expect(parseTilePath(path)).toEqual(tile);
    expect(formatTilePath(tile)).toBe(path);
  });

  test.each([
    '',
    'tile',
    'tile/0',
    'tile/0/',
    'tile/0/0',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/X001/002',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000.p/1/',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/data/000',
    'tile/entries/../000',
    'tile/0/000\n',
    ' tile/0/000',
    '/tile/0/000',
  ])('%j is no path of a tile', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });

  test('every tile has one path and comes back from it', () => {
    const tiles = fc.record({
      level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const)),
      number: fc.oneof(fc.maxSafeNat(), fc.integer({ min: 0, max: 5000 })),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(fc.property(tiles, (tile) => expect(parseTilePath(formatTilePath(tile))).toEqual(tile)));
  });

  test('whatever is accepted is spelled in the one way', () => {
    const piece = fc.constantFrom(
      'tile',
      'entries',
      '/',
      'x',
      '0',
      '1',
      '9',
      '001',
      '.p',
      '%2f',
      '..',
      '\\',
      '-',
      '+',
      ' ',
      'e',
    );
    const paths = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.array(piece, { maxLength: 6 }).map((parts) => `tile/0/${parts.join('')}`),
      fc.string(),
    );
    fc.assert(
      fc.property(paths, (path) => {
        const tile = parseTilePath(path);
        if (tile !== null) expect(formatTilePath(tile)).toBe(path);
      }),
      { numRuns: 5000 },
    );
  });

  test('a long hostile path is refused in a time that grows with its length only', () => {
    for (const path of [
      `tile/0/${'x001/'.repeat(20_000)}`,
      `tile/0/${'x'.repeat(100_000)}`,
      `tile/0/${'0'.repeat(100_000)}`,
    ])
      expect(parseTilePath(path)).toBeNull();
  });
});
