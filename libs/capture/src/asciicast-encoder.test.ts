import fc from 'fast-check';
import { AsciicastEncoder } from './asciicast-encoder.ts';
import { AsciicastReader, type CastEvent } from './asciicast-reader.ts';

const HEADER = { size: { cols: 80, rows: 24 }, timestamp: 1_700_000_000 };

function readAll(cast: Uint8Array): CastEvent[] {
  return new AsciicastReader().push(cast);
}

const printed = (events: readonly CastEvent[], code = 'o'): string =>
  events
    .filter((each) => each.code === code)
    .map(({ data }) => data)
    .join('');

test('a header with what is known, and nothing else', () => {
  const encoder = new AsciicastEncoder(0);
  expect(JSON.parse(Buffer.from(encoder.header(HEADER)).toString())).toEqual({
    version: 3,
    term: { cols: 80, rows: 24 },
    timestamp: 1_700_000_000,
  });
  const full = {
    ...HEADER,
    termType: 'xterm',
    command: 'sh -c "x\\ny"',
    title: 't',
    env: { SHELL: '/bin/sh' },
  };
  const line = Buffer.from(encoder.header(full)).toString();
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(JSON.parse(line)).toMatchObject({ term: { type: 'xterm' }, command: full.command, env: full.env });
});

test('each kind of event is one line with its interval', () => {
  const encoder = new AsciicastEncoder(1_000_000);
  const lines = Buffer.concat([
    encoder.output(1_500_000, Buffer.from('hé\r\n"\\\u001b[0m')),
    encoder.input(1_500_000, Buffer.from('y')),
    encoder.resize(3_000_001, { cols: 100, rows: 40 }),
    encoder.marker(3_000_001, ''),
    encoder.exit(4_000_000, 130),
  ]).toString();
  expect(lines).toBe(
    [
      '[0.500000, "o", "hé\\r\\n\\"\\\\\\u001b[0m"]',
      '[0.000000, "i", "y"]',
      '[1.500001, "r", "100x40"]',
      '[0.000000, "m", ""]',
      '[0.999999, "x", "130"]',
      '',
    ].join('\n'),
  );
});

test('text split at any byte is read back whole; characters are never cut', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
      (text, cuts) => {
        const bytes = Buffer.from(text);
        const encoder = new AsciicastEncoder(0);
        const edges = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ];
        const parts = edges.slice(1).map((edge, at) => encoder.output(at, bytes.subarray(edges[at], edge)));
        const cast = Buffer.concat([encoder.header(HEADER), ...parts, encoder.exit(99, 0)]);
        expect(printed(readAll(cast))).toBe(text);
      },
    ),
  );
});

test('any bytes at all stay valid JSON; what is no UTF-8 becomes U+FFFD, as a terminal would show it', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 }), (parts) => {
      const encoder = new AsciicastEncoder(0);
      const cast = Buffer.concat([
        encoder.header(HEADER),
        ...parts.map((part, at) => encoder.output(at, part)),
        encoder.exit(100, 0),
      ]);
      // No lone surrogate: nothing that a strict reader would refuse.
      const text = printed(readAll(cast));
      expect(text).toBe(Buffer.from(text).toString());
      expect(text).toBe(Buffer.concat(parts).toString('utf8'));
    }),
  );
});

test('a character that never came whole is not dropped at the end', () => {
  const encoder = new AsciicastEncoder(0);
  expect(encoder.output(1, Buffer.from('é').subarray(0, 1)).length).toBe(0);
  const end = Buffer.concat([encoder.header(HEADER), encoder.exit(2, 0)]);
  expect(readAll(end).map(({ code, data }) => [code, data])).toEqual([
    ['o', '\ufffd'],
    ['x', '0'],
  ]);
});

test('input that was cut within a character is written at the end too', () => {
  const encoder = new AsciicastEncoder(0);
  expect(encoder.input(1, Buffer.from('é').subarray(0, 1)).length).toBe(0);
  expect(printed(readAll(Buffer.concat([encoder.header(HEADER), encoder.exit(2, 0)])), 'i')).toBe('\ufffd');
});

test('times never run back, and the sum of the intervals is the time that passed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10_000_000 }), { maxLength: 60 }), (times) => {
      const encoder = new AsciicastEncoder(0);
      const cast = Buffer.concat([
        encoder.header(HEADER),
        ...times.map((atUs) => encoder.output(atUs, Buffer.from('x'))),
      ]);
      let latestUs = 0;
      for (const [at, event] of readAll(cast).entries()) {
        latestUs = Math.max(latestUs, times[at] as number);
        expect(event.at).toBeCloseTo(latestUs / 1e6, 5);
      }
    }),
  );
});
