/**
 * Documents as BSON. Bytes are `Binary` of subtype 0. An array in an array becomes `{__array: […]}` (no document has a name that
 * begins so), because not every server with MongoDB's wire protocol keeps the one in the other.
 */
import { Binary } from 'mongodb';

const NESTED = '__array';

const mapProperties = (value: object, each: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([name, item]) => [name, each(item)]));

const itemToBson = (value: unknown): unknown =>
  Array.isArray(value) ? { [NESTED]: value.map(itemToBson) } : toBson(value);

export function toBson(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return new Binary(value);
  if (Array.isArray(value)) return value.map(itemToBson);
  return mapProperties(value, toBson);
}

export function fromBson(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Binary) return new Uint8Array(value.buffer.subarray(0, value.position));
  if (Array.isArray(value)) return value.map(fromBson);
  const nested = (value as Record<string, unknown>)[NESTED];
  return Array.isArray(nested) ? nested.map(fromBson) : mapProperties(value, fromBson);
}
