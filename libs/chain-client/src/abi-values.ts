/**
 * Values of an ABI as JSON, and back. Whole numbers are JSON numbers or text (decimal, or 0x and digits), and come back as decimal text;
 * bytes and addresses are 0x and digits; tuples are objects by name, or lists.
 */
import { isWellFormedText } from '@lucid/bytes';
import { type AbiParameter, isAddress } from 'viem';

type Path = string;
type Components = readonly AbiParameter[];

/** Says where a value does not fit, and what would; the value itself stays out. */
export class AbiValueError extends Error {
  readonly path: Path;
  readonly expected: string;

  constructor(path: Path, expected: string) {
    super(`${path}: expected ${expected}`);
    this.name = 'AbiValueError';
    this.path = path;
    this.expected = expected;
  }
}

export interface AbiJsonOptions {
  /** How the place of the values is called in errors; default `args`. */
  readonly path?: string;
  /**
   * Gets every value before it is read, with the type that is asked for; gives the value to read, or `{ known }` where the value of that
   * type is known already. @throws AbiValueError
   */
  readonly substitute?: (value: unknown, type: string, path: Path) => unknown;
}

/** A value that needs no reading. */
export class Known {
  readonly value: unknown;
  constructor(value: unknown) {
    this.value = value;
  }
}

const LIST = /^(.*)\[(\d*)\]$/;
const INTEGER = /^(u?)int(\d+)$/;
const FIXED_BYTES = /^bytes(\d+)$/;
const WHOLE = /^(?:-?(?:0|[1-9][0-9]{0,77})|0x[0-9a-f]{1,64})$/i;
const BYTES = /^0x(?:[0-9a-f]{2})*$/i;

const componentsOf = (parameter: AbiParameter): Components =>
  (parameter as { readonly components?: Components }).components ?? [];

/** @throws AbiValueError at the first value that does not fit. */
export function valuesFromJson(
  inputs: Components,
  given: readonly unknown[],
  options: AbiJsonOptions = {},
): readonly unknown[] {
  const { path = 'args', substitute = (value) => value } = options;
  return new Reader(substitute).list(inputs, given, path);
}

class Reader {
  readonly #substitute: NonNullable<AbiJsonOptions['substitute']>;

  constructor(substitute: NonNullable<AbiJsonOptions['substitute']>) {
    this.#substitute = substitute;
  }

  list(inputs: Components, given: readonly unknown[], path: Path): readonly unknown[] {
    if (given.length !== inputs.length)
      throw new AbiValueError(path, `${inputs.length} values${namesOf(inputs)}, not ${given.length}`);
    return inputs.map((input, at) => this.#one(input, given[at], `${path}[${at}]`));
  }

  #one(parameter: AbiParameter, given: unknown, path: Path): unknown {
    const { type } = parameter;
    const value = this.#substitute(given, type, path);
    if (value instanceof Known) return value.value;
    const list = LIST.exec(type);
    if (list) return this.#members({ ...parameter, type: list[1]! } as AbiParameter, list[2]!, value, path);
    return type === 'tuple' ? this.#tuple(parameter, value, path) : readScalar(type, value, path);
  }

  #members(member: AbiParameter, size: string, value: unknown, path: Path): unknown {
    if (!Array.isArray(value)) throw new AbiValueError(path, `a list of ${member.type}`);
    if (size !== '' && value.length !== Number(size))
      throw new AbiValueError(path, `${size} values of ${member.type}, not ${value.length}`);
    return value.map((each, at) => this.#one(member, each, `${path}[${at}]`));
  }

  #tuple(parameter: AbiParameter, value: unknown, path: Path): unknown {
    const components = componentsOf(parameter);
    const named = components.every(({ name }) => name);
    const values = Array.isArray(value) ? this.list(components, value, path) : undefined;
    if (!named) {
      if (values) return values;
      throw new AbiValueError(path, `a list of ${components.length} values`);
    }
    const given = values ? undefined : membersOf(value, components, path);
    return Object.fromEntries(
      components.map((each, at) => [
        each.name!,
        values ? values[at] : this.#one(each, given?.[each.name!], `${path}.${each.name}`),
      ]),
    );
  }
}

const namesOf = (inputs: Components): string => {
  const names = inputs.map(({ name, type }) => (name ? `${type} ${name}` : type));
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
};

function membersOf(value: unknown, components: Components, path: Path): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null)
    throw new AbiValueError(path, `a tuple${namesOf(components)}`);
  const known = new Set(components.map(({ name }) => name));
  const more = Object.keys(value).find((name) => !known.has(name));
  if (more !== undefined) throw new AbiValueError(path, `no member besides${namesOf(components)}`);
  return value as Readonly<Record<string, unknown>>;
}

function readScalar(type: string, value: unknown, path: Path): unknown {
  const refuse = (expected = type): never => {
    throw new AbiValueError(path, expected);
  };
  const integer = INTEGER.exec(type);
  if (integer) return readInteger(type, integer[1] === 'u', Number(integer[2]), value, path);
  const fixed = FIXED_BYTES.exec(type);
  if (type === 'bool') return typeof value === 'boolean' ? value : refuse();
  if (typeof value !== 'string') return refuse();
  if (type === 'string') return isWellFormedText(value) ? value : refuse('well-formed text');
  if (type === 'address')
    return isAddress(value, { strict: !isOneCase(value) }) ? value.toLowerCase() : refuse('an address');
  if (type !== 'bytes' && !fixed) return refuse(`a type that can be given, not ${type}`);
  if (!BYTES.test(value)) return refuse(`${type} as 0x and pairs of hexadecimal digits`);
  if (fixed && value.length !== 2 + 2 * Number(fixed[1])) return refuse(`exactly ${fixed[1]} bytes`);
  return value.toLowerCase();
}

/** Mixed case is a checksum (EIP-55), and must be right. */
const isOneCase = (address: string): boolean => {
  const digits = address.slice(2);
  return digits === digits.toLowerCase() || digits === digits.toUpperCase();
};

function readInteger(
  type: string,
  unsigned: boolean,
  bits: number,
  value: unknown,
  path: Path,
): bigint | number {
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value);
  const isText = typeof value === 'string' && WHOLE.test(value);
  if (!isNumber && !isText) throw new AbiValueError(path, `${type}, a whole number`);
  const read = BigInt(value as number | string);
  const [min, max] = unsigned
    ? [0n, 2n ** BigInt(bits) - 1n]
    : [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n];
  if (read < min || read > max) throw new AbiValueError(path, `${type}, from ${min} to ${max}`);
  // Up to 48 bits the encoder and decoder of the ABI have numbers.
  return bits <= 48 ? Number(read) : read;
}

/** Of what a decoder gave: whole numbers as decimal text, tuples with names as objects. */
export function valueToJson(parameter: AbiParameter, value: unknown): unknown {
  const { type } = parameter;
  const list = LIST.exec(type);
  if (list) {
    const member = { ...parameter, type: list[1]! } as AbiParameter;
    return (value as readonly unknown[]).map((each) => valueToJson(member, each));
  }
  if (type === 'tuple') return tupleToJson(componentsOf(parameter), value);
  if (INTEGER.test(type)) return String(value);
  if (typeof value === 'string' && type !== 'string') return value.toLowerCase();
  return value;
}

function tupleToJson(components: Components, value: unknown): unknown {
  const named = components.length > 0 && components.every(({ name }) => name);
  if (!named) return components.map((each, at) => valueToJson(each, (value as readonly unknown[])[at]));
  const members = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(components.map((each) => [each.name!, valueToJson(each, members[each.name!])]));
}

export const valuesToJson = (parameters: Components, values: readonly unknown[]): unknown[] =>
  parameters.map((each, at) => valueToJson(each, values[at]));
