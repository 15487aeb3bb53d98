import fc from 'fast-check';
import { ChunkCutter, type Cut } from './chunk-cutter.ts';

const cutAll = (cutter: ChunkCutter, pieces: readonly Uint8Array[]): Cut[] => {
  const cuts = pieces.flatMap((piece, at) => cutter.append(piece, at * 10, at * 10 + 5));
  const last = cutter.flush();
  return last ? [...cuts, last] : cuts;
};

const bytesOf = (cuts: readonly Cut[]): Buffer => Buffer.concat(cuts.map(({ plain }) => plain));

test('whatever the pieces, the chunks are the same bytes, full but the last, without gap', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 16 }),
      fc.nat({ max: 1000 }),
      (pieces, chunkSizeBytes, plainOffset) => {
        const cutter = new ChunkCutter({ chunkSizeBytes, maxAgeUs: 1, plainOffset });
        const cuts = cutAll(cutter, pieces);
        expect(bytesOf(cuts).equals(Buffer.concat(pieces))).toBe(true);
        let offset = plainOffset;
        for (const [at, cut] of cuts.entries()) {
          expect(cut.plainOffset).toBe(offset);
          offset += cut.plain.length;
          if (at < cuts.length - 1) expect(cut.plain.length).toBe(chunkSizeBytes);
          expect(cut.plain.length).toBeGreaterThan(0);
          expect(cut.untilUs).toBeGreaterThanOrEqual(cut.fromUs);
        }
        expect(cutter.acceptedBytes).toBe(offset);
        expect(cutter.bufferedBytes).toBe(0);
      },
    ),
  );
});

test.each([15, 16, 17, 31, 32, 33])('%i bytes in chunks of 16', (size) => {
  const cuts = cutAll(new ChunkCutter({ chunkSizeBytes: 16, maxAgeUs: 1 }), [new Uint8Array(size)]);
  expect(cuts.map(({ plain }) => plain.length)).toEqual(
    Array.from({ length: Math.ceil(size / 16) }, (_, at) => Math.min(16, size - at * 16)),
  );
});

test('nothing is due while nothing is buffered; then it is the first byte that ages', () => {
  const cutter = new ChunkCutter({ chunkSizeBytes: 8, maxAgeUs: 2_000 });
  expect(cutter.dueAtUs).toBeNull();
  expect(cutter.flush()).toBeNull();
  cutter.append(new Uint8Array(0), 50, 50);
  expect(cutter.dueAtUs).toBeNull();
  cutter.append(new Uint8Array(3), 100, 150);
  cutter.append(new Uint8Array(3), 900, 950);
  expect(cutter.dueAtUs).toBe(2_100);
  expect(cutter.flush()).toMatchObject({ fromUs: 100, untilUs: 950, plainOffset: 0 });
  expect(cutter.dueAtUs).toBeNull();
});

test('a clock that is set back does not make a chunk end before it began', () => {
  const cutter = new ChunkCutter({ chunkSizeBytes: 8, maxAgeUs: 1 });
  cutter.append(new Uint8Array(3), 1_000, 1_000);
  cutter.append(new Uint8Array(3), 10, 20);
  expect(cutter.flush()).toMatchObject({ fromUs: 1_000, untilUs: 1_000 });
});

test('the rest of a piece belongs to the next chunk, with the times of its piece', () => {
  const cutter = new ChunkCutter({ chunkSizeBytes: 4, maxAgeUs: 1 });
  cutter.append(Uint8Array.of(1, 2, 3), 10, 11);
  expect(cutter.append(Uint8Array.of(4, 5), 20, 21)).toMatchObject([{ fromUs: 10, untilUs: 21 }]);
  expect(cutter.flush()).toMatchObject({ plain: Uint8Array.of(5), plainOffset: 4, fromUs: 20, untilUs: 21 });
});
