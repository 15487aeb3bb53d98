import fc from 'fast-check';
import { UnackedBytes } from './unacked-bytes.ts';

const held = (...pieces: number[][]): UnackedBytes => {
  const bytes = new UnackedBytes();
  for (const [at, piece] of pieces.entries()) bytes.push(Uint8Array.from(piece), at * 10);
  return bytes;
};

test('takes across pieces, with the times of the first and the last', () => {
  const bytes = held([1, 2, 3], [4, 5], [6]);
  expect(bytes.take(0, 4)).toMatchObject({ offset: 0, fromUs: 0, untilUs: 10 });
  expect([...(bytes.take(1, 4)?.bytes ?? [])]).toEqual([2, 3, 4, 5]);
  expect(bytes.take(3, 9)).toMatchObject({ offset: 3, fromUs: 10, untilUs: 20 });
  expect(bytes.take(6, 9)).toBeNull();
  expect(held().take(0, 9)).toBeNull();
});

test('forgets whole pieces only, and says what it still covers', () => {
  const bytes = held([1, 2, 3], [4, 5], [6]);
  bytes.acknowledge(4);
  expect([bytes.heldBytes, bytes.end]).toEqual([3, 6]);
  expect([2, 3, 6, 7].map((offset) => bytes.covers(offset))).toEqual([false, true, true, false]);
  expect([...(bytes.take(3, 9)?.bytes ?? [])]).toEqual([4, 5, 6]);
  bytes.acknowledge(0);
  expect(bytes.heldBytes).toBe(3);
  bytes.acknowledge(6);
  expect([bytes.heldBytes, bytes.end, bytes.covers(6), bytes.covers(5)]).toEqual([0, 6, true, false]);
  bytes.push(Uint8Array.of(7), 99);
  expect(bytes.take(6, 9)).toMatchObject({ offset: 6, fromUs: 99 });
});

test('any pieces, any acknowledgements: what is covered is the bytes that were pushed', () => {
  const step = fc.oneof(
    fc.record({ push: fc.uint8Array({ minLength: 1, maxLength: 9 }) }),
    fc.record({ acknowledge: fc.nat(60) }),
    fc.record({ take: fc.nat(60), limit: fc.integer({ min: 1, max: 20 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const bytes = new UnackedBytes();
      let all = Buffer.alloc(0);
      for (const each of steps) {
        if ('push' in each) {
          bytes.push(each.push, all.length);
          all = Buffer.concat([all, each.push]);
        } else if ('acknowledge' in each) bytes.acknowledge(Math.min(each.acknowledge, all.length));
        else if (bytes.covers(each.take)) {
          const slice = bytes.take(each.take, each.limit);
          const wanted = all.subarray(each.take, each.take + each.limit);
          expect(Buffer.from(slice?.bytes ?? []).equals(wanted)).toBe(true);
        }
        expect(bytes.end).toBe(all.length);
      }
    }),
  );
});
