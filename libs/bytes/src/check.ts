/** True for a Uint8Array of this or another realm; a Node Buffer is one. */
export const isBytes = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array || (ArrayBuffer.isView(value) && value.constructor.name === 'Uint8Array');

/**
 * Checks an input at the border of a primitive.
 *
 * @throws TypeError where it is no Uint8Array; RangeError where `sizeBytes` is given and differs.
 */
export function assertBytes(value: unknown, name: string, sizeBytes?: number): asserts value is Uint8Array {
  if (!isBytes(value)) throw new TypeError(`${name}: expected Uint8Array`);
  if (sizeBytes !== undefined && value.length !== sizeBytes) {
    throw new RangeError(`${name}: expected ${sizeBytes} bytes, got ${value.length}`);
  }
}

/** @throws TypeError where it is no string. */
export function assertText(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string') throw new TypeError(`${name}: expected string`);
}
