/** Checks of plain values beside those of the session format, and as those: each returns null or one sentence that says where and what. */
import { array, type Check, oneOf } from '@lucid/session-format/shape';

export const flag: Check = (value, path) =>
  typeof value === 'boolean' ? null : `${path} must be true or false`;

/** A text that `fits`; `what` names its form. */
export const textThat =
  (what: string, fits: (text: string) => boolean): Check =>
  (value, path) =>
    typeof value === 'string' && fits(value) ? null : `${path} must be ${what}`;

export const list = (inner: Check, max: number): Check => {
  const members = array(inner, 0, Number.POSITIVE_INFINITY);
  return (value, path) =>
    Array.isArray(value) && value.length > max
      ? `${path} must have at most ${max} members`
      : members(value, path);
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
