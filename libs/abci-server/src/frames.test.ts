import { encodeFrame, FrameReader } from './frames.ts';

const messages = [0, 1, 127, 128, 300, 70_000].map((length) => new Uint8Array(length).fill(length & 0xff));
const stream = Buffer.concat(messages.map(encodeFrame));

const readIn = (pieces: readonly Uint8Array[]): Uint8Array[] => {
  const reader = new FrameReader(100_000);
  return pieces.flatMap((piece) => reader.push(piece).map((message) => Uint8Array.from(message)));
};

test('the length is a varint of seven bits a byte', () => {
  expect(encodeFrame(new Uint8Array(300)).subarray(0, 2)).toEqual(Buffer.of(0xac, 0x02));
});

test('messages come out whole, however the stream is cut', () => {
  expect(readIn([stream])).toEqual(messages);
  expect(readIn(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(messages);
  for (const size of [2, 3, 129, 4096]) {
    const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
      stream.subarray(at * size, (at + 1) * size),
    );
    expect(readIn(pieces)).toEqual(messages);
  }
});

test('a frame that is too large or has no length is refused before it comes', () => {
  expect(() => readIn([Uint8Array.of(0xa1, 0x8d, 0x06)])).toThrow(
    expect.objectContaining({ code: 'too_large' }),
  );
  expect(() => readIn([new Uint8Array(6).fill(0xff)])).toThrow(
    expect.objectContaining({ code: 'malformed' }),
  );
});

test('many small pieces of a large message take no square time', () => {
  const count = (length: number): number => {
    const frame = encodeFrame(new Uint8Array(length));
    const reader = new FrameReader(length);
    const concat = jest.spyOn(Buffer, 'concat');
    for (let at = 0; at < frame.length; at += 1000) reader.push(frame.subarray(at, at + 1000));
    const { calls } = concat.mock;
    concat.mockRestore();
    return calls.length;
  };
  expect(count(5_000_000)).toBeLessThan(5);
});
