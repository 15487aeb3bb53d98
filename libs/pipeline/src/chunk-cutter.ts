/**
 * The first stage: cuts one track's stream into chunks by size, by age and at the end. It holds less than one chunk, knows no
 * clock (times come with the bytes) and never waits.
 */
export interface Cut {
  readonly plain: Uint8Array;
  /** Position of the first byte in its track. */
  readonly plainOffset: number;
  readonly fromUs: number;
  readonly untilUs: number;
}

export interface CutterOptions {
  readonly chunkSizeBytes: number;
  /** A chunk is cut once its first byte is this old; bounded loss while live. */
  readonly maxAgeUs: number;
  /** Position at which the track goes on (0 for a new one). */
  readonly plainOffset?: number;
}

export class ChunkCutter {
  readonly #options: CutterOptions;
  #parts: Uint8Array[] = [];
  #bufferedBytes = 0;
  #plainOffset: number;
  #fromUs = 0;
  #untilUs = 0;

  constructor(options: CutterOptions) {
    this.#options = options;
    this.#plainOffset = options.plainOffset ?? 0;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Offset behind the last byte taken. */
  get acceptedBytes(): number {
    return this.#plainOffset + this.#bufferedBytes;
  }

  /** When the buffered bytes are due to be cut; null where nothing is buffered. */
  get dueAtUs(): number | null {
    return this.#bufferedBytes === 0 ? null : this.#fromUs + this.#options.maxAgeUs;
  }

  /** Takes bytes (which the caller no longer changes) and returns the chunks that became full. */
  append(bytes: Uint8Array, fromUs: number, untilUs: number): Cut[] {
    const cuts: Cut[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#bufferedBytes === 0) {
        this.#fromUs = fromUs;
        this.#untilUs = fromUs;
      }
      const taken = rest.subarray(0, this.#options.chunkSizeBytes - this.#bufferedBytes);
      this.#parts.push(taken);
      this.#bufferedBytes += taken.length;
      this.#untilUs = Math.max(this.#untilUs, untilUs);
      rest = rest.subarray(taken.length);
      if (this.#bufferedBytes === this.#options.chunkSizeBytes) cuts.push(this.#cut());
    }
    return cuts;
  }

  /** What is buffered as a last, shorter chunk; null where nothing is. */
  flush(): Cut | null {
    return this.#bufferedBytes === 0 ? null : this.#cut();
  }

  #cut(): Cut {
    const plain = joined(this.#parts, this.#bufferedBytes);
    const cut = { plain, plainOffset: this.#plainOffset, fromUs: this.#fromUs, untilUs: this.#untilUs };
    this.#plainOffset += plain.length;
    this.#parts = [];
    this.#bufferedBytes = 0;
    return cut;
  }
}

function joined(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  const all = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
