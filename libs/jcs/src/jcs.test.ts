import { execFileSync } from 'node:child_process';
import { bytesToHex, bytesToUtf8, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import fc from 'fast-check';
import { ownVector, ownVectorNames, sharedVector } from '../../../vectors/locate.ts';
import {
  canonicalBytes,
  canonicalJson,
  JCS_MAX_DEPTH,
  JcsError,
  type JcsErrorCode,
  type ParseCanonicalOptions,
  parseCanonical,
} from './index.ts';

function codeOf(use: () => unknown): JcsErrorCode | null {
  try {
    use();
    return null;
  } catch (error) {
    if (error instanceof JcsError) return error.code;
    throw error;
  }
}

const read = (text: string, options?: ParseCanonicalOptions) => parseCanonical(utf8ToBytes(text), options);
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('RFC 8785 vectors', () => {
  const names = ownVectorNames('jcs/input');

  it('has all six', () => {
    expect(names).toEqual([
      'arrays.json',
      'french.json',
      'structures.json',
      'unicode.json',
      'values.json',
      'weird.json',
    ]);
  });

  it.each(names)('own copy of %s, written and read', (name) => {
    const output = ownVector(`jcs/output/${name}`);
    const value: unknown = JSON.parse(ownVector(`jcs/input/${name}`));
    expect(canonicalJson(value)).toBe(output);
    expect(read(output)).toEqual(value);
  });

  it.each(names)('shared %s, bytes as hex', (name) => {
    const input = sharedVector(`jcs/input/${name}`);
    const outhex = sharedVector(`jcs/outhex/${name.replace('.json', '.txt')}`);
    if (input === null || outhex === null) return;
    expect(bytesToHex(canonicalBytes(JSON.parse(input)))).toBe(outhex.replaceAll(/\s/g, ''));
    expect(sharedVector(`jcs/output/${name}`)).toBe(ownVector(`jcs/output/${name}`));
    // What is not canonical already must be refused.
    expect(codeOf(() => read(input))).toBe('not-canonical');
  });
});

describe('numbers, RFC 8785 appendix B', () => {
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('%s is %s', (ieee754, text) => {
    expect(canonicalJson(new DataView(hexToBytes(ieee754).buffer as ArrayBuffer).getFloat64(0))).toBe(text);
  });
});

describe('writing', () => {
  const cyclic: unknown[] = [];
  cyclic.push({ cyclic });
  class Point {
    x = 1;
  }
  const hole: unknown[] = [];
  hole.length = 2;

  it.each<[JcsErrorCode, unknown]>([
    ['not-finite', Number.NaN],
    ['not-finite', [Number.POSITIVE_INFINITY]],
    ['not-finite', { a: Number.NEGATIVE_INFINITY }],
    ['lone-surrogate', '\ud800'],
    ['lone-surrogate', { '\udc00': 1 }],
    ['unsupported-type', undefined],
    ['unsupported-type', { a: undefined }],
    ['unsupported-type', [undefined]],
    ['unsupported-type', hole],
    ['unsupported-type', 1n],
    ['unsupported-type', Symbol('a')],
    ['unsupported-type', () => 1],
    ['unsupported-type', { [Symbol('a')]: 1 }],
    ['unsupported-type', new Date(0)],
    ['unsupported-type', new Map()],
    ['unsupported-type', new Uint8Array(1)],
    ['unsupported-type', new Point()],
    ['unsupported-type', Object('text')],
    ['unsupported-type', { toJSON: () => 1 }],
    ['cyclic', cyclic],
    ['too-deep', JSON.parse(nested(JCS_MAX_DEPTH + 1))],
  ])('refuses, %s', (code, value) => {
    expect(codeOf(() => canonicalJson(value))).toBe(code);
    expect(codeOf(() => canonicalBytes(value))).toBe(code);
  });

  it('takes the same object twice, objects without prototype, and the deepest nesting', () => {
    const shared = { b: 1 };
    expect(canonicalJson({ y: shared, x: [shared, shared] })).toBe('{"x":[{"b":1},{"b":1}],"y":{"b":1}}');
    expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
    expect(canonicalJson(JSON.parse(nested(JCS_MAX_DEPTH)))).toBe(nested(JCS_MAX_DEPTH));
  });

  it('orders members by UTF-16 units', () => {
    expect(canonicalJson({ '\ufb33': 1, '\u{1f600}': 2, a: 3, A: 4 })).toBe(
      '{"A":4,"a":3,"\u{1f600}":2,"\ufb33":1}',
    );
  });
});

describe('reading', () => {
  it.each<[JcsErrorCode, string]>([
    ['not-json', ''],
    ['not-json', '{'],
    ['not-json', '[1,]'],
    ['not-json', '01'],
    ['not-json', 'NaN'],
    ['not-json', '{} {}'],
    ['not-json', '\ufeff{}'],
    ['not-canonical', ' {}'],
    ['not-canonical', '{}\n'],
    ['not-canonical', '{"a":1,"a":1}'],
    ['not-canonical', '{"a":1,"\\u0061":2}'],
    ['not-canonical', '{"b":1,"a":2}'],
    ['not-canonical', '{"a": 1}'],
    ['not-canonical', '1.0'],
    ['not-canonical', '-0'],
    ['not-canonical', '1e2'],
    ['not-canonical', '1E400'],
    ['not-canonical', '9007199254740993'],
    ['not-canonical', '"\\u0041"'],
    ['not-canonical', '"\\/"'],
    ['not-canonical', '"\\ud800"'],
    ['not-canonical', '"\\u000A"'],
    ['too-deep', nested(JCS_MAX_DEPTH + 1)],
    ['too-deep', '['.repeat(100_000)],
  ])('refuses, %s: %.40j', (code, text) => {
    expect(codeOf(() => read(text))).toBe(code);
  });

  it('refuses bytes that are no UTF-8, and more bytes than allowed', () => {
    expect(codeOf(() => parseCanonical(hexToBytes('22ff22')))).toBe('not-utf8');
    expect(codeOf(() => parseCanonical(hexToBytes('22eda08022')))).toBe('not-utf8');
    expect(codeOf(() => read('[1,2]', { maxBytes: 4 }))).toBe('too-large');
    expect(read('[1,2]', { maxBytes: 5 })).toEqual([1, 2]);
    expect(() => parseCanonical('{}' as unknown as Uint8Array)).toThrow(TypeError);
  });

  it('does not count brackets inside texts', () => {
    const text = JSON.stringify({ a: `${'['.repeat(500)}\\"${'{'.repeat(500)}` });
    expect(canonicalJson(read(text))).toBe(text);
  });

  it('keeps a member named __proto__ a member', () => {
    const value = read('{"__proto__":{"a":1}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe('properties', () => {
  const value = fc.jsonValue({ maxDepth: 5, stringUnit: 'grapheme' });

  it('reads back what it wrote, whatever the order of members', () => {
    fc.assert(
      fc.property(value, (each) => {
        const bytes = canonicalBytes(each);
        const parsed = parseCanonical(bytes);
        expect(canonicalBytes(parsed)).toEqual(bytes);
        expect(JSON.parse(bytesToUtf8(bytes))).toEqual(JSON.parse(JSON.stringify(each)));
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (each) => {
        const reversed = Object.fromEntries(Object.entries(each).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(each));
      }),
    );
  });

  it('writes what the package canonicalize writes', () => {
    const script = `import canonicalize from 'canonicalize';
      import { readFileSync } from 'node:fs';
      const texts = JSON.parse(readFileSync(0, 'utf8')).map((each) => canonicalize(each));
      process.stdout.write(JSON.stringify(texts));`;
    const values = fc.sample(value, 500).map((each) => JSON.parse(JSON.stringify(each)) as unknown);
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: __dirname,
      input: JSON.stringify(values),
    });
    expect(values.map(canonicalJson)).toEqual(JSON.parse(output.toString()));
  });

  it('fuzz: a changed document is refused with a declared code or is canonical itself', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.string().map((text) => Buffer.from(text)),
    );
    const changed = fc.tuple(value, fc.nat(), fc.nat(255)).map(([each, at, byte]) => {
      const bytes = canonicalBytes(each);
      bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(noise, changed), (bytes) => {
        let parsed: unknown;
        const code = codeOf(() => {
          parsed = parseCanonical(new Uint8Array(bytes));
        });
        if (code === null) expect(canonicalBytes(parsed)).toEqual(new Uint8Array(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});
