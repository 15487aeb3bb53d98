import { privateKeyToAccount } from 'viem/accounts';
import { accountKeyFaults, isAccountKey } from './account-key.ts';

const ORDER = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
const below = `${ORDER.slice(0, -1)}0`;

test.each<[string, boolean]>([
  ['0'.repeat(64), false],
  [`${'0'.repeat(63)}1`, true],
  [below, true],
  [below.toUpperCase(), true],
  [ORDER, false],
  ['f'.repeat(64), false],
])('%s is a key: %s, as it is for the library that signs', (hex, isKey) => {
  expect([isAccountKey(hex), isAccountKey(`0x${hex}`)]).toEqual([isKey, isKey]);
  const make = () => privateKeyToAccount(`0x${hex.toLowerCase()}`);
  if (isKey) expect(make).not.toThrow();
  else expect(make).toThrow();
});

test.each(['', '1', 'g'.repeat(64), '1'.repeat(65)])('%j is none', (text) => {
  expect(isAccountKey(text)).toBe(false);
});

test('a key that is none is told by the name of its setting, and not itself', () => {
  expect(accountKeyFaults(below)).toEqual([]);
  const [fault] = accountKeyFaults(ORDER);
  expect(fault).toMatchObject({ variable: 'CHAIN_ACCOUNT_KEY' });
  expect(JSON.stringify(fault)).not.toContain(ORDER);
});
