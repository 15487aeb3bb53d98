/** Bytes that are not what they should be; the message names the place. Nothing of the bytes is in it. */
export class WireError extends Error {
  constructor(detail: string, options: { cause?: unknown } = {}) {
    super(`malformed RLP: ${detail}`, options);
    this.name = 'WireError';
  }
}
