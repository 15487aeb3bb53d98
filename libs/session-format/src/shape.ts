/** Small strict checks of parsed JSON: each returns null or one sentence that says where and what. */
import { base64ToBytes } from '@lucid/bytes';

export type Check = (value: unknown, path: string) => string | null;

const OPTIONAL = Symbol('optional');
type OptionalCheck = Check & { [OPTIONAL]: true };

export const optional = (inner: Check): Check =>
  Object.assign((value: unknown, path: string) => inner(value, path), { [OPTIONAL]: true as const });

const isOptional = (check: Check): boolean => (check as OptionalCheck)[OPTIONAL] === true;

export const text =
  (maxLength: number): Check =>
  (value, path) => {
    if (typeof value !== 'string') return `${path} must be a string`;
    return value.length > maxLength ? `${path} is longer than ${maxLength}` : null;
  };

export const hexOf =
  (sizeBytes: number): Check =>
  (value, path) =>
    typeof value === 'string' && value.length === sizeBytes * 2 && /^[0-9a-f]*$/.test(value)
      ? null
      : `${path} must be ${sizeBytes * 2} lower-case hex digits`;

export const base64 =
  (maxLength: number): Check =>
  (value, path) => {
    const unsound = text(maxLength)(value, path);
    if (unsound) return unsound;
    try {
      base64ToBytes(value as string);
      return null;
    } catch {
      return `${path} must be base64`;
    }
  };

/** Base64 of exactly so many bytes. */
export const base64Of =
  (sizeBytes: number): Check =>
  (value, path) =>
    base64(Math.ceil(sizeBytes / 3) * 4)(value, path) ??
    (base64ToBytes(value as string).length === sizeBytes
      ? null
      : `${path} must be ${sizeBytes} bytes in base64`);

export const integer =
  (min = 0, max = Number.MAX_SAFE_INTEGER): Check =>
  (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? null
      : `${path} must be an integer from ${min} to ${max}`;

export const oneOf =
  (...allowed: readonly string[]): Check =>
  (value, path) =>
    allowed.includes(value as string)
      ? null
      : `${path} must be ${allowed.map((each) => `"${each}"`).join(' or ')}`;

export const array =
  (inner: Check, min: number, max: number): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return `${path} must be an array`;
    if (value.length < min || value.length > max) return `${path} must have ${min} to ${max} members`;
    for (const [at, each] of value.entries()) {
      const fault = inner(each, `${path}[${at}]`);
      if (fault) return fault;
    }
    return null;
  };

export const record =
  (members: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return `${path} must be an object`;
    const found = value as Record<string, unknown>;
    for (const name of Object.keys(found)) {
      if (!Object.hasOwn(members, name)) return `${path}.${name} is not a member of this format`;
    }
    for (const [name, inner] of Object.entries(members)) {
      const member = Object.hasOwn(found, name) ? found[name] : undefined;
      if (member === undefined && isOptional(inner)) continue;
      const fault = inner(member, `${path}.${name}`);
      if (fault) return fault;
    }
    return null;
  };

/** The shape first; then, on a value that has it, a rule between members. */
export const withRule =
  <T>(inner: Check, rule: (value: T, path: string) => string | null): Check =>
  (value, path) =>
    inner(value, path) ?? rule(value as T, path);

export const check = (shape: Check, value: unknown, path: string): string | null => shape(value, path);
