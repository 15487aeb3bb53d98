import fc from 'fast-check';
import { isTorControlError } from './control-error.ts';
import { parseWords, quoted } from './reply-values.ts';

const parsed = (text: string) => {
  const { words, values } = parseWords(text);
  return [words, Object.fromEntries(values)];
};

it('words and values, quoted or not', () => {
  expect(parsed('NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY="Done"')).toEqual([
    ['NOTICE', 'BOOTSTRAP'],
    { PROGRESS: '100', TAG: 'done', SUMMARY: 'Done' },
  ]);
  expect(
    parsed('4 BUILT $AB~r,$CD~s PURPOSE=HS_CLIENT_REND SOCKS_USERNAME="a \\"b\\" \\\\ c\\303\\251" LAST='),
  ).toEqual([
    ['4', 'BUILT', '$AB~r,$CD~s'],
    { PURPOSE: 'HS_CLIENT_REND', SOCKS_USERNAME: 'a "b" \\ cÃ©', LAST: '' },
  ]);
  expect(parsed('')).toEqual([[], {}]);
});

it('what is put in quotes comes out again', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '=', 'n', '7') }), (text) => {
      expect(parsed(`KEY=${quoted(text)} end`)).toEqual([['end'], { KEY: text }]);
    }),
  );
  for (const bad of ['a\r\nQUIT', 'a\n', 'a\0']) expect(() => quoted(bad)).toThrow(TypeError);
});

it('any text is words or an error of ours', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '=', '-', 'K', '\t') }), (text) => {
      try {
        parseWords(text);
      } catch (error) {
        expect(isTorControlError(error, 'protocol')).toBe(true);
      }
    }),
  );
});
