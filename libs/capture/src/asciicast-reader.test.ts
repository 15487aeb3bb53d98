import fc from 'fast-check';
import { AsciicastEncoder } from './asciicast-encoder.ts';
import { AsciicastError, AsciicastReader, type CastEvent } from './asciicast-reader.ts';

const V3 = '{"version":3,"term":{"cols":80,"rows":24},"title":"t","command":"ls"}\n';
const read = (text: string | Uint8Array): CastEvent[] => new AsciicastReader().push(Buffer.from(text));

test('v3: intervals add up; comments and empty lines are passed over', () => {
  const reader = new AsciicastReader();
  expect(reader.header).toBeNull();
  const events = reader.push(Buffer.from(`${V3}[0.5,"o","a"]\n# a comment\n\n[1.25, "o", "b"]\n`));
  expect(reader.header).toEqual({ version: 3, cols: 80, rows: 24, title: 't', command: 'ls' });
  expect(events).toEqual([
    { at: 0.5, code: 'o', data: 'a' },
    { at: 1.75, code: 'o', data: 'b' },
  ]);
});

test('v2: times are absolute', () => {
  expect(
    read('{"version":2,"width":80,"height":24}\n[0.5,"o","a"]\n[1.25,"o","b"]\n').map(({ at }) => at),
  ).toEqual([0.5, 1.25]);
});

test('v2: times that run back are held, so nobody waits for the past', () => {
  const text = '{"version":2,"width":80,"height":24}\n[5,"o","a"]\n[1,"o","b"]\n[6,"o","c"]\n';
  expect(read(text).map(({ at }) => at)).toEqual([5, 5, 6]);
});

test('split at any byte, the events are the same', () => {
  const encoder = new AsciicastEncoder(0);
  const cast = Buffer.concat([
    encoder.header({ size: { cols: 1, rows: 1 }, timestamp: 0 }),
    encoder.output(10, Buffer.from('één ☃ 😀')),
    encoder.marker(20, 'm'),
    encoder.exit(30, 1),
  ]);
  const whole = read(cast);
  for (let cut = 0; cut <= cast.length; cut++) {
    const reader = new AsciicastReader();
    expect([...reader.push(cast.subarray(0, cut)), ...reader.push(cast.subarray(cut))]).toEqual(whole);
  }
  const reader = new AsciicastReader();
  expect([...cast].flatMap((byte) => reader.push(Uint8Array.of(byte)))).toEqual(whole);
});

test.each([
  ['no JSON', 'x\n', /line 1/],
  ['null', 'null\n', /line 1/],
  ['a number', '3\n', /line 1/],
  ['v1', '{"version":1,"width":1,"height":1}\n', /line 1/],
  ['another version', '{"version":4,"term":{"cols":1,"rows":1}}\n', /line 1/],
  ['no size', '{"version":3}\n', /size/],
  ['a size of another kind', '{"version":3,"term":{"cols":"80","rows":24}}\n', /size/],
  ['a size that is null', '{"version":3,"term":null}\n', /size/],
  ['size 0', '{"version":2,"width":0,"height":24}\n', /size/],
  ['an enormous size', '{"version":2,"width":80,"height":1e9}\n', /size/],
  ['an event that is no JSON', `${V3}[0,"o",\n`, /line 2/],
  ['an event that is no array', `${V3}{"0":0,"1":"o","2":""}\n`, /line 2/],
  ['a negative interval', `${V3}[0,"o",""]\n[-1,"o",""]\n`, /line 3/],
  ['an infinite interval', `${V3}[1e999,"o",""]\n`, /line 2/],
  ['a text for a time', `${V3}["0","o",""]\n`, /line 2/],
  ['no data', `${V3}[0,"o"]\n`, /line 2/],
  ['data that is no text', `${V3}[0,"o",{}]\n`, /line 2/],
])('%s is refused, and the line named', (_what, text, message) => {
  expect(() => read(text)).toThrow(AsciicastError);
  expect(() => read(text)).toThrow(message);
});

/** Lines that are near to right ones. */
const nearLine = fc.oneof(
  fc.tuple(fc.double(), fc.string(), fc.string()).map((event) => JSON.stringify(event)),
  fc.json(),
  fc.string({ unit: 'binary' }),
  fc.constant(V3.trimEnd()),
);

test('whatever bytes come, they are events or an AsciicastError', () => {
  const judge = (bytes: Uint8Array, at: number) => {
    const reader = new AsciicastReader();
    let latest = 0;
    try {
      for (const piece of [bytes.subarray(0, at), bytes.subarray(at)]) {
        for (const event of reader.push(piece)) {
          expect(Number.isFinite(event.at) && event.at >= latest).toBe(true);
          expect([typeof event.code, typeof event.data]).toEqual(['string', 'string']);
          latest = event.at;
        }
      }
    } catch (error) {
      expect((error as Error).name).toBe('AsciicastError');
    }
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), judge), { numRuns: 300 });
  fc.assert(
    fc.property(fc.array(nearLine, { maxLength: 8 }), fc.nat(300), fc.boolean(), (lines, at, headed) =>
      judge(Buffer.from((headed ? V3 : '') + lines.map((line) => `${line}\n`).join('')), at),
    ),
    { numRuns: 500 },
  );
});

test('a mutated recording is events or an AsciicastError', () => {
  const encoder = new AsciicastEncoder(0);
  const cast = Buffer.concat([
    encoder.header({ size: { cols: 80, rows: 24 }, timestamp: 1 }),
    ...Array.from({ length: 5 }, (_, at) => encoder.output(at * 1000, Buffer.from(`line ${at}\r\n`))),
    encoder.exit(9000, 0),
  ]);
  fc.assert(
    fc.property(
      fc.nat(cast.length - 1),
      fc.nat(255),
      fc.constantFrom('set', 'cut', 'drop'),
      (at, byte, how) => {
        const copy = Buffer.from(cast);
        copy[at] = byte;
        const mutated =
          how === 'set'
            ? copy
            : how === 'cut'
              ? cast.subarray(0, at)
              : Buffer.concat([cast.subarray(0, at), cast.subarray(at + 1)]);
        try {
          expect(read(mutated).length).toBeLessThanOrEqual(7);
        } catch (error) {
          expect(error).toBeInstanceOf(AsciicastError);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('the cost of a long line that comes in small pieces grows with its length, not its square', () => {
  const cpuMsOf = (pieces: number) => {
    const reader = new AsciicastReader();
    reader.push(Buffer.from(V3));
    const piece = Buffer.alloc(64, 'x');
    const before = process.cpuUsage();
    for (let at = 0; at < pieces; at++) reader.push(piece);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  cpuMsOf(1_000);
  const small = Math.max(1, Math.min(...[1, 2, 3].map(() => cpuMsOf(4_000))));
  const large = Math.min(...[1, 2, 3].map(() => cpuMsOf(64_000)));
  // Linear: 16 times; quadratic: 256 times.
  expect(large / small).toBeLessThan(100);
}, 60_000);
