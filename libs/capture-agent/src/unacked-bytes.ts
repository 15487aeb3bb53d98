/** Bytes of one track that the recorder has not reported durable: sent or not, in order, with their times. */
export interface Slice {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly fromUs: number;
  readonly untilUs: number;
}

export class UnackedBytes {
  #slices: Slice[] = [];
  #end = 0;
  #held = 0;
  #acknowledgedUntilUs: number | null = null;

  /** Offset behind the last byte pushed. */
  get end(): number {
    return this.#end;
  }

  get heldBytes(): number {
    return this.#held;
  }

  /** When the last byte was captured that is durable. */
  get acknowledgedUntilUs(): number | null {
    return this.#acknowledgedUntilUs;
  }

  push(bytes: Uint8Array, atUs: number): void {
    this.#slices.push({ offset: this.#end, bytes, fromUs: atUs, untilUs: atUs });
    this.#end += bytes.length;
    this.#held += bytes.length;
  }

  /** Forgets what is durable. */
  acknowledge(durable: number): void {
    let dropped = 0;
    for (const slice of this.#slices) {
      if (slice.offset + slice.bytes.length > durable) break;
      this.#held -= slice.bytes.length;
      this.#acknowledgedUntilUs = slice.untilUs;
      dropped++;
    }
    if (dropped > 0) this.#slices.splice(0, dropped);
  }

  /** Whether the bytes from `offset` on are still held (or nothing is missing behind it). */
  covers(offset: number): boolean {
    return offset <= this.#end && offset >= this.#end - this.#held;
  }

  /** Up to `limit` bytes from `offset` on as one piece; null where there is nothing to send. */
  take(offset: number, limit: number): Slice | null {
    const parts: Uint8Array[] = [];
    let size = 0;
    let fromUs = 0;
    let untilUs = 0;
    for (const slice of this.#slices) {
      if (slice.offset + slice.bytes.length <= offset) continue;
      const skipped = Math.max(0, offset - slice.offset);
      const part = slice.bytes.subarray(skipped, skipped + limit - size);
      if (size === 0) fromUs = slice.fromUs;
      untilUs = slice.untilUs;
      parts.push(part);
      size += part.length;
      if (size >= limit) break;
    }
    if (size === 0) return null;
    return {
      offset,
      bytes: parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts, size),
      fromUs,
      untilUs,
    };
  }
}
