import fc from 'fast-check';
import {
  type AbiFunction,
  type AbiParameter,
  decodeAbiParameters,
  encodeAbiParameters,
  parseAbi,
} from 'viem';
import {
  AbiValueError,
  createdAddress,
  encodeFunction,
  functionOf,
  type Hex,
  Known,
  libraryPlaceholder,
  reasonText,
  valuesFromJson,
  valuesToJson,
} from '../src/index.ts';

/** Stands for a value. */
const PLACE = '<x>';

interface Sample {
  readonly parameter: AbiParameter;
  readonly value: unknown;
}

const hex = (sizeBytes: number) =>
  fc
    .uint8Array({ minLength: sizeBytes, maxLength: sizeBytes })
    .map((bytes): Hex => `0x${Buffer.from(bytes).toString('hex')}`);
const named =
  (type: string) =>
  (value: unknown): Sample => ({ parameter: { type, name: 'x' }, value });

const integer = fc.integer({ min: 1, max: 32 }).chain((bytes) => {
  const bits = bytes * 8;
  return fc.boolean().chain((unsigned) => {
    const [min, max] = unsigned
      ? [0n, 2n ** BigInt(bits) - 1n]
      : [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n];
    return fc.bigInt({ min, max }).map((each) => named(`${unsigned ? 'u' : ''}int${bits}`)(String(each)));
  });
});
const scalar = fc.oneof(
  integer,
  fc.boolean().map(named('bool')),
  hex(20).map(named('address')),
  fc.string({ unit: 'grapheme' }).map(named('string')),
  fc.uint8Array({ maxLength: 70 }).map((bytes) => named('bytes')(`0x${Buffer.from(bytes).toString('hex')}`)),
  fc.integer({ min: 1, max: 32 }).chain((size) => hex(size).map(named(`bytes${size}`))),
);
const { value: sample } = fc.letrec<{ value: Sample }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    // A list of equal members, as long as a type says or of any length.
    fc
      .tuple(tie('value'), fc.integer({ min: 0, max: 3 }), fc.boolean())
      .map(([{ parameter, value }, size, fixed]) => ({
        parameter: {
          ...parameter,
          type: `${parameter.type}[${fixed && size > 0 ? size : ''}]`,
        } as AbiParameter,
        value: Array.from({ length: size }, () => value),
      })),
    fc.array(tie('value'), { minLength: 1, maxLength: 3 }).map((members) => ({
      parameter: {
        type: 'tuple',
        name: 'x',
        components: members.map(({ parameter }, at) => ({ ...parameter, name: `m${at}` })),
      } as AbiParameter,
      value: Object.fromEntries(members.map(({ value }, at) => [`m${at}`, value])),
    })),
  ),
}));

const faultOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof AbiValueError) return error.message;
    throw error;
  }
  return 'none';
};

describe('values of an ABI as JSON', () => {
  it('come back as they were, through JSON and through the encoding', () => {
    fc.assert(
      fc.property(sample, ({ parameter, value }) => {
        const read = valuesFromJson([parameter], [JSON.parse(JSON.stringify(value))]);
        const decoded = decodeAbiParameters([parameter], encodeAbiParameters([parameter], read as [unknown]));
        expect(valuesToJson([parameter], decoded)).toEqual([value]);
        expect(valuesToJson([parameter], read)).toEqual([value]);
      }),
    );
  });

  it('tuples may be lists', () => {
    const parameter = {
      type: 'tuple',
      components: [
        { type: 'uint8', name: 'a' },
        { type: 'bool', name: 'b' },
      ],
    };
    expect(valuesFromJson([parameter], [[1, true]])).toEqual([{ a: 1, b: true }]);
    const nameless = { type: 'tuple', components: [{ type: 'uint8' }, { type: 'bool' }] };
    expect(valuesFromJson([nameless], [['0x01', true]])).toEqual([[1, true]]);
    expect(valuesToJson([nameless], [[1, true]])).toEqual([['1', true]]);
  });

  it.each([
    ['uint8', 256, 'args[0]: expected uint8, from 0 to 255'],
    ['uint8', -1, 'args[0]: expected uint8, from 0 to 255'],
    ['int8', 128, 'args[0]: expected int8, from -128 to 127'],
    ['uint256', 1.5, 'args[0]: expected uint256, a whole number'],
    ['uint256', 2 ** 60, 'args[0]: expected uint256, a whole number'],
    ['uint256', '01', 'args[0]: expected uint256, a whole number'],
    ['uint256', '', 'args[0]: expected uint256, a whole number'],
    ['uint256', null, 'args[0]: expected uint256, a whole number'],
    ['bool', 1, 'args[0]: expected bool'],
    ['string', 1, 'args[0]: expected string'],
    ['string', '\ud800', 'args[0]: expected well-formed text'],
    ['address', `0x${'4c'.repeat(19)}`, 'args[0]: expected an address'],
    ['address', '0xD8dA6BF26964aF9D7eEd9e03E53415D37aA96045', 'args[0]: expected an address'],
    ['address', '0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045', 'none'],
    ['address', '0xd8DA6BF26964aF9D7eEd9e03E53415D37aA96045', 'args[0]: expected an address'],
    ['bytes', '0x1', 'args[0]: expected bytes as 0x and pairs of hexadecimal digits'],
    ['bytes2', '0x01', 'args[0]: expected exactly 2 bytes'],
    ['uint8[2]', [1], 'args[0]: expected 2 values of uint8, not 1'],
    ['uint8[]', 'x', 'args[0]: expected a list of uint8'],
    ['uint8[][1]', [[1, 'x']], 'args[0][0][1]: expected uint8, a whole number'],
    ['function', `0x${'00'.repeat(24)}`, 'args[0]: expected a type that can be given, not function'],
  ])('refuses what is no %s: %j', (type, value, said) => {
    expect(faultOf(() => valuesFromJson([{ type }], [value]))).toBe(said);
  });

  it('names the member that does not fit', () => {
    const parameter = { type: 'tuple[]', name: 'd', components: [{ type: 'uint8', name: 'a' }] };
    const read = (value: unknown) => faultOf(() => valuesFromJson([parameter], [value]));
    expect(read([{ a: 1 }, { a: 256 }])).toBe('args[0][1].a: expected uint8, from 0 to 255');
    expect(read([{ a: 1, b: 2 }])).toBe('args[0][0]: expected no member besides (uint8 a)');
    expect(read([{}])).toBe('args[0][0].a: expected uint8, a whole number');
    expect(read([1])).toBe('args[0][0]: expected a tuple (uint8 a)');
    expect(faultOf(() => valuesFromJson([parameter], []))).toBe('args: expected 1 values (tuple[] d), not 0');
  });

  it('what stands for a value is asked about with its type', () => {
    const asked: string[] = [];
    const substitute = (value: unknown, type: string, path: string) => {
      if (value !== PLACE) return value;
      asked.push(`${path} ${type}`);
      return new Known(7n);
    };
    const parameters = [{ type: 'uint256' }, { type: 'uint256[]' }, { type: 'uint256' }];
    expect(valuesFromJson(parameters, [PLACE, ['1', PLACE], 2], { substitute })).toEqual([7n, [1n, 7n], 2n]);
    expect(asked).toEqual(['args[0] uint256', 'args[1][1] uint256']);
  });
});

describe('functions of an ABI', () => {
  const abi = parseAbi([
    'function f(uint8 a)',
    'function f(uint8 a, bool b)',
    'function f(bool b)',
    'function g()',
  ]);
  const found = (name: string, args: number) => faultOf(() => functionOf(abi, name, args));
  it('are found by name, by signature, and overloaded ones by their number of arguments', () => {
    expect(functionOf(abi, 'g', 0).name).toBe('g');
    expect(functionOf(abi, 'f', 2).inputs).toHaveLength(2);
    expect(functionOf(abi, 'f(bool)', 1).inputs[0]!.type).toBe('bool');
    expect(found('f', 1)).toBe('function: expected one of f(uint8), f(uint8,bool), f(bool)');
    expect(found('h', 0)).toBe('function: expected a function of the contract, not h');
    expect(found('g(uint8)', 1)).toBe('function: expected one of g()');
    const wrong = functionOf(abi, 'g', 3) as AbiFunction;
    expect(faultOf(() => valuesFromJson(wrong.inputs, [1, 2, 3]))).toBe('args: expected 0 values, not 3');
    expect(encodeFunction(functionOf(abi, 'g', 0), [])).toBe('0xe2179b8e');
  });
});

it('addresses of contracts are those that execution-specs gives', () => {
  // EIP-161's well-known pair: the account 0x6ac7…, nonces 0 and 1.
  const from = '0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0';
  expect(createdAddress(from, 0)).toBe('0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d');
  expect(createdAddress(from, 1)).toBe('0x343c43a37d37dff08ae8c4a11544c718abb4fcf8');
});

it('placeholders of libraries are those of the compiler', () => {
  expect(libraryPlaceholder('a.sol', 'L')).toHaveLength(40);
  expect(libraryPlaceholder('a.sol', 'L')).toMatch(/^__\$[0-9a-f]{34}\$__$/);
});

it('reasons are one line, however long what was reverted with', () => {
  expect(reasonText({ name: 'none', args: [] })).toBe('without a reason');
  expect(reasonText({ name: 'Taken', args: [1n, 'a', ['0x01']] })).toBe('Taken("1", "a", ["0x01"])');
  expect(reasonText({ name: 'unknown', args: ['0x1234'] })).toBe('bytes 0x1234');
  expect(reasonText({ name: 'Error', args: ['x'.repeat(2_000)] })).toHaveLength(501);
});
