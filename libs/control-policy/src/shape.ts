/** Small strict checks of plain values: each returns null or one sentence that says where and what. */

export type Check = (value: unknown, path: string) => string | null;

export const flag: Check = (value, path) =>
  typeof value === 'boolean' ? null : `${path} must be true or false`;

export const integer =
  (min: number, max: number): Check =>
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

/** A text that `fits`; `what` names its form. */
export const textThat =
  (what: string, fits: (text: string) => boolean): Check =>
  (value, path) =>
    typeof value === 'string' && fits(value) ? null : `${path} must be ${what}`;

export const hexOf = (sizeBytes: number): Check =>
  textThat(
    `${sizeBytes * 2} lower-case hex digits`,
    (text) => text.length === sizeBytes * 2 && /^[0-9a-f]*$/.test(text),
  );

export const list =
  (inner: Check, max: number): Check =>
  (value, path) => {
    if (!Array.isArray(value)) return `${path} must be an array`;
    if (value.length > max) return `${path} must have at most ${max} members`;
    for (const [at, each] of value.entries()) {
      const fault = inner(each, `${path}[${at}]`);
      if (fault) return fault;
    }
    return null;
  };

/** A list whose order means nothing has one order, so that one policy has one hash: ascending, none twice. */
export const ascending =
  <T extends string | number>(inner: Check, max: number): Check =>
  (value, path) => {
    const fault = list(inner, max)(value, path);
    if (fault) return fault;
    const members = value as readonly T[];
    const at = members.findIndex((each, index) => index > 0 && each <= members[index - 1]!);
    return at < 0 ? null : `${path}[${at}] must be above the member before it`;
  };

/** An object with exactly these members. */
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
      const fault = inner(Object.hasOwn(found, name) ? found[name] : undefined, `${path}.${name}`);
      if (fault) return fault;
    }
    return null;
  };

/** The shape first; then, on a value that has it, a rule between members. */
export const withRule =
  <T>(inner: Check, rule: (value: T, path: string) => string | null): Check =>
  (value, path) =>
    inner(value, path) ?? rule(value as T, path);

/** By the member `name` of an object, the check of the whole object. */
export const variants =
  (name: string, byValue: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null) return `${path} must be an object`;
    const kind = (value as Record<string, unknown>)[name];
    return typeof kind === 'string' && Object.hasOwn(byValue, kind)
      ? byValue[kind]!(value, path)
      : oneOf(...Object.keys(byValue))(undefined, `${path}.${name}`);
  };
