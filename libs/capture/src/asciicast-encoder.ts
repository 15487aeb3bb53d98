/**
 * asciicast v3 (docs.asciinema.org/manual/asciicast/v3): one JSON line a header, then one JSON line an event,
 * `[interval, code, data]`, the interval in seconds since the event before. Input ("i") is written only where asked for.
 */
import { StringDecoder } from 'node:string_decoder';

export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

export interface AsciicastHeader {
  readonly size: TerminalSize;
  /** Value of TERM. */
  readonly termType?: string;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly command?: string;
  readonly title?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export const ASCIICAST_MEDIA_TYPE = 'application/x-asciicast';

const line = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

/** Writes events as bytes; times are microseconds of one clock and never run back in the output. */
export class AsciicastEncoder {
  readonly #output = new StringDecoder('utf8');
  readonly #input = new StringDecoder('utf8');
  #lastUs: number;

  constructor(startUs: number) {
    this.#lastUs = startUs;
  }

  header({ size, termType, timestamp, command, title, env }: AsciicastHeader): Uint8Array {
    const term = { cols: size.cols, rows: size.rows, ...(termType ? { type: termType } : {}) };
    return line({ version: 3, term, timestamp, command, title, env });
  }

  /** Bytes the terminal printed. A character cut in two waits for its rest; empty where nothing is complete yet. */
  output(atUs: number, bytes: Uint8Array): Uint8Array {
    return this.#event(
      atUs,
      'o',
      this.#output.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    );
  }

  input(atUs: number, bytes: Uint8Array): Uint8Array {
    return this.#event(atUs, 'i', this.#input.write(Buffer.from(bytes)));
  }

  resize(atUs: number, { cols, rows }: TerminalSize): Uint8Array {
    return this.#event(atUs, 'r', `${cols}x${rows}`);
  }

  marker(atUs: number, label: string): Uint8Array {
    return this.#event(atUs, 'm', label, true);
  }

  /** The command ended; also writes out what incomplete characters left behind. */
  exit(atUs: number, status: number): Uint8Array {
    return Buffer.concat([
      this.#event(atUs, 'i', this.#input.end()),
      this.#event(atUs, 'o', this.#output.end()),
      this.#event(atUs, 'x', String(status)),
    ]);
  }

  #event(atUs: number, code: string, data: string, evenEmpty = false): Uint8Array {
    if (data.length === 0 && !evenEmpty) return new Uint8Array(0);
    const intervalUs = Math.max(0, atUs - this.#lastUs);
    this.#lastUs += intervalUs;
    return Buffer.from(`[${(intervalUs / 1e6).toFixed(6)}, "${code}", ${JSON.stringify(data)}]\n`);
  }
}
