/** Frames of ABCI's sockets: the length as an unsigned varint, then the message. */
import { AbciError } from './error.ts';

const maxLengthBytes = 5;

export function encodeFrame(message: Uint8Array): Uint8Array {
  const head: number[] = [];
  let rest = message.length;
  for (; rest > 0x7f; rest >>>= 7) head.push((rest & 0x7f) | 0x80);
  head.push(rest);
  return Buffer.concat([Uint8Array.from(head), message]);
}

/** Cuts a stream of bytes into messages. */
export class FrameReader {
  readonly #maxSizeBytes: number;
  #parts: Uint8Array[] = [];
  #heldBytes = 0;
  /** Bytes that the next message needs before it is worth a look. */
  #neededBytes = 1;

  constructor(maxSizeBytes: number) {
    this.#maxSizeBytes = maxSizeBytes;
  }

  /** The messages that are whole now. Throws `too_large` or `malformed`: then nothing more can be read. */
  push(part: Uint8Array): Uint8Array[] {
    this.#parts.push(part);
    this.#heldBytes += part.length;
    if (this.#heldBytes < this.#neededBytes) return [];
    let rest: Uint8Array = this.#parts.length === 1 ? part : Buffer.concat(this.#parts);
    const messages: Uint8Array[] = [];
    this.#neededBytes = 1;
    while (rest.length > 0) {
      const head = this.#readLength(rest);
      const end = head === null ? maxLengthBytes : head.sizeBytes + head.length;
      if (head === null || rest.length < end) {
        this.#neededBytes = head === null ? rest.length + 1 : end;
        break;
      }
      messages.push(rest.subarray(head.sizeBytes, end));
      rest = rest.subarray(end);
    }
    this.#parts = rest.length === 0 ? [] : [rest];
    this.#heldBytes = rest.length;
    return messages;
  }

  #readLength(bytes: Uint8Array): { length: number; sizeBytes: number } | null {
    let length = 0;
    for (let at = 0; at < maxLengthBytes; at++) {
      const byte = bytes[at];
      if (byte === undefined) return null;
      length += (byte & 0x7f) * 2 ** (7 * at);
      if (byte <= 0x7f) {
        if (length > this.#maxSizeBytes) throw new AbciError('too_large', `${length} bytes`);
        return { length, sizeBytes: at + 1 };
      }
    }
    throw new AbciError('malformed', 'the length of a frame takes more than 5 bytes');
  }
}
