import { formatRows, formatTable, jsonText, printableLines } from './output.ts';

const HOSTILE = 'a\u001b]0;owned\u0007b\u009b2Jc\u202ed\r\ne';
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

test('text from strangers does not steer the terminal', () => {
  const shown = [
    ...formatTable([['title'], [HOSTILE]]),
    ...formatRows([['title', HOSTILE]], 8),
    jsonText({ title: HOSTILE }),
    printableLines(HOSTILE),
  ];
  for (const each of shown) expect(each).not.toMatch(STEERING);
  expect(formatTable([['title'], [HOSTILE]])).toHaveLength(2);
  expect(formatRows([['title', HOSTILE]], 8).join('')).not.toContain('\n');
  expect(printableLines(HOSTILE).split('\n')).toHaveLength(2);
});

test('what JSON says stays the same', () => {
  const value = { title: HOSTILE, tag: '\u{e0001}', plain: 'ä€😀' };
  expect(JSON.parse(jsonText(value))).toEqual(value);
  expect(jsonText(value)).toContain('ä€😀');
});
