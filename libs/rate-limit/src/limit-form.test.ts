import fc from 'fast-check';
import { checkLeaseId, checkLimitKey } from './limit-form.ts';

/** Whatever a stranger sends as key or lease id: taken as it is, or refused by its code. */
function codeOf(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? 'a bug';
  }
}

const hostile = fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 600, size: 'max' }));

test('keys: only well-formed text of 1 to 512 bytes', () => {
  fc.assert(
    fc.property(hostile, (key) => {
      const fits = typeof key === 'string' && key !== '' && Buffer.from(key).length <= 512;
      // Bytes keep a text only if it has no lone surrogate.
      const holds = fits && Buffer.from(key as string).toString() === key;
      expect(codeOf(() => checkLimitKey(key as string))).toBe(holds ? null : 'invalid_limit');
    }),
  );
});

test('lease ids: only printable ASCII, so no separator and no line end', () => {
  fc.assert(
    fc.property(hostile, (id) => {
      const holds = typeof id === 'string' && id !== '' && id.length <= 64 && !/[^!-~]/.test(id);
      expect(codeOf(() => checkLeaseId(id as string))).toBe(holds ? null : 'invalid_limit');
    }),
  );
  expect(codeOf(() => checkLeaseId('a\n'))).toBe('invalid_limit');
});
