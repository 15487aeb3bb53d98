import { bytesToHex, hexToBytes } from '@lucid/bytes';
import fc from 'fast-check';
import { AddressError, addressToBytes, bytesToAddress, isAddress, secretKeyToAddress } from './address.ts';

const KNOWN = 'TBvJUBXorwBPzqvV38vjDgegj5Eh6g2Tsq';

function codeOf(text: string): string {
  try {
    addressToBytes(text);
    return 'none';
  } catch (error) {
    if (error instanceof AddressError) return error.code;
    throw error;
  }
}

describe('addresses', () => {
  test('are what the world writes: the USDT contract, the zero address, the key of the fixtures', () => {
    expect(bytesToHex(addressToBytes('TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'))).toBe(
      'a614f803b6fd780986a42c78ec9c7f77e6ded13c',
    );
    expect(bytesToAddress(new Uint8Array(20))).toBe('T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb');
    expect(secretKeyToAddress(hexToBytes('22'.repeat(32)))).toBe(KNOWN);
  });

  test('go there and back for every value of 20 bytes, always 34 characters that begin with T', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        const text = bytesToAddress(bytes);
        expect(text).toMatch(/^T[1-9A-HJ-NP-Za-km-z]{33}$/);
        expect(bytesToHex(addressToBytes(text))).toBe(bytesToHex(bytes));
      }),
    );
    expect(bytesToAddress(new Uint8Array(20).fill(255))).toMatch(/^T.{33}$/);
  });

  test('with any one character changed are none', () => {
    const digits = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
    for (let at = 0; at < KNOWN.length; at++) {
      for (const digit of digits) {
        if (digit === KNOWN[at]) continue;
        expect(codeOf(KNOWN.slice(0, at) + digit + KNOWN.slice(at + 1))).toBe('wrong-checksum');
      }
    }
  });

  test.each([
    ['empty', '', 'wrong-length'],
    ['one character short', KNOWN.slice(1), 'wrong-length'],
    ['a leading 1, which other decoders ignore', `1${KNOWN}`, 'wrong-length'],
    ['a space behind', `${KNOWN} `, 'wrong-length'],
    ['hex of TRON', `41${'a6'.repeat(20)}`, 'wrong-length'],
    ['Ethereum', `0x${'a6'.repeat(20)}`, 'wrong-length'],
    ['a huge text', 'T'.repeat(1_000_000), 'wrong-length'],
    ['a zero for an o', KNOWN.replace('o', '0'), 'wrong-alphabet'],
    ['a Cyrillic er for a p', KNOWN.replace('r', '\u0440'), 'wrong-alphabet'],
    ['a line end', `${KNOWN.slice(0, 33)}\n`, 'wrong-alphabet'],
    ['all ones', '1'.repeat(34), 'wrong-checksum'],
    ['the largest text', 'z'.repeat(34), 'wrong-checksum'],
    ['a Bitcoin address (Genesis block)', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', 'wrong-prefix'],
  ])('refuse %s', (_, text, code) => {
    expect(codeOf(text)).toBe(code);
    expect(isAddress(text)).toBe(false);
  });

  test('take no other kind of value', () => {
    expect(isAddress(KNOWN)).toBe(true);
    for (const value of [undefined, null, 7, [KNOWN], { length: 34 }]) expect(isAddress(value)).toBe(false);
    expect(() => addressToBytes(7 as never)).toThrow(TypeError);
    expect(() => bytesToAddress(new Uint8Array(21))).toThrow(RangeError);
    expect(() => bytesToAddress('41' as never)).toThrow(TypeError);
  });

  test('of what is no secret key do not exist', () => {
    const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
    for (const key of ['00'.repeat(32), order, 'ff'.repeat(32), '22'.repeat(31)]) {
      expect(() => secretKeyToAddress(hexToBytes(key))).toThrow(RangeError);
    }
  });
});
