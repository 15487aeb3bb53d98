import fc from 'fast-check';
import { isTorControlError } from './control-error.ts';
import { type Reply, ReplyParser } from './reply-parser.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const parse = (text: string): Reply[] => new ReplyParser().push(bytes(text));
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return isTorControlError(error) ? error.code : String(error);
  }
};

it('replies of one line, of several, with data, and events', () => {
  expect(parse('250 OK\r\n')).toEqual([{ status: 250, lines: [{ text: 'OK' }] }]);
  expect(parse('250-version=0.4.9\r\n250 OK\r\n650 HS_DESC UPLOADED x\r\n552 No\r\n')).toEqual([
    { status: 250, lines: [{ text: 'version=0.4.9' }, { text: 'OK' }] },
    { status: 650, lines: [{ text: 'HS_DESC UPLOADED x' }] },
    { status: 552, lines: [{ text: 'No' }] },
  ]);
  expect(parse('250+circuit-status=\r\n1 BUILT\r\n..2\r\n.\r\n250 OK\r\n')).toEqual([
    { status: 250, lines: [{ text: 'circuit-status=', data: '1 BUILT\n.2' }, { text: 'OK' }] },
  ]);
  expect(parse('250+x=\r\n.\r\n250 \r\n')).toEqual([
    { status: 250, lines: [{ text: 'x=', data: '' }, { text: '' }] },
  ]);
});

it.each([
  'OK\r\n',
  '25 OK\r\n',
  '2500 OK\r\n',
  '250OK\r\n',
  '250:OK\r\n',
  '050 OK\r\n',
  '250 OK\n',
  '\r\n',
  '250-a\r\n552 b\r\n',
  '250-a\r\n650 b\r\n',
  'HTTP/1.1 400 Bad Request\r\n',
])('%j is none', (text) => {
  expect(codeOf(() => parse(text))).toBe('protocol');
});

const text = fc.string({
  unit: fc.constantFrom('a', 'B', '.', ' ', '=', '"', '\\', 'é', '\t', '0'),
  maxLength: 30,
});
const line = fc.oneof(
  text.map((each) => ({ kind: '-', text: each, data: undefined as string[] | undefined })),
  fc.tuple(text, fc.array(text, { maxLength: 4 })).map(([each, data]) => ({ kind: '+', text: each, data })),
);
const reply = fc.record({
  status: fc.constantFrom(250, 251, 510, 552, 650),
  before: fc.array(line, { maxLength: 4 }),
  last: text,
});
type Made = {
  status: number;
  before: { kind: string; text: string; data?: string[] | undefined }[];
  last: string;
};
const written = ({ status, before, last }: Made): string => {
  const lines = before.map(({ kind, text: said, data }) => {
    const rest = data?.map((each) => `${each.startsWith('.') ? '.' : ''}${each}\r\n`).join('');
    return `${status}${kind}${said}\r\n${rest === undefined ? '' : `${rest}.\r\n`}`;
  });
  return `${lines.join('')}${status} ${last}\r\n`;
};
const meant = ({ status, before, last }: Made): Reply => ({
  status,
  lines: [
    ...before.map(({ text: said, data }) => (data ? { text: said, data: data.join('\n') } : { text: said })),
    { text: last },
  ],
});

it('the same replies come out however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(reply, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (made, sizes) => {
        const all = bytes(made.map(written).join(''));
        const parser = new ReplyParser();
        const found: Reply[] = [];
        for (let from = 0, at = 0; from < all.length; at++) {
          const size = sizes[at % sizes.length] as number;
          found.push(...parser.push(all.subarray(from, from + size)));
          from += size;
        }
        expect(found).toEqual(made.map(meant));
      },
    ),
  );
});

it('any bytes at all are replies or an error of ours, and their memory is bounded', () => {
  const pieces = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom('250 ', '250-', '250+', '650 ', '\r\n', '.\r\n', '\n', '\r').map(bytes),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      const parser = new ReplyParser({ maxLineBytes: 200, maxReplyBytes: 1000 });
      for (const part of parts) {
        if (codeOf(() => parser.push(part)) === 'protocol') return;
      }
    }),
    { numRuns: 500 },
  );
});

describe('without an end', () => {
  const endless = (part: string): string => {
    const parser = new ReplyParser({ maxLineBytes: 10_000, maxReplyBytes: 50_000 });
    for (let at = 0; at < 100_000; at++) {
      const code = codeOf(() => parser.push(bytes(part)));
      if (code !== 'none') return code;
    }
    return 'never';
  };

  it.each([
    ['a line', 'x'],
    ['a reply', '250-x\r\n'],
    ['data', '250+x\r\nyyyy\r\n'],
  ])('%s is refused at a bound', (_what, part) => {
    expect(endless(part)).toBe('protocol');
  });

  it('but replies may go on for ever', () => {
    expect(endless('650 HS_DESC\r\n')).toBe('never');
  });
});
