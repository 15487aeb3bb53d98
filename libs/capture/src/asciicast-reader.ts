/** Reads asciicast v2 and v3 as a stream of bytes arrives, line by line; foreign bytes, so every line is judged. */
import { StringDecoder } from 'node:string_decoder';

export interface CastHeader {
  readonly version: 2 | 3;
  readonly cols: number;
  readonly rows: number;
  readonly title?: string;
  readonly command?: string;
}

export interface CastEvent {
  /** Seconds since the start. */
  readonly at: number;
  readonly code: string;
  readonly data: string;
}

export class AsciicastError extends Error {
  override readonly name = 'AsciicastError';
}

/** The longest line accepted; an encoder writes far shorter ones. */
const MAX_LINE_CHARS = 64 * 1024 * 1024;

const isSize = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function parseHeader(text: string): CastHeader {
  const value = parseLine(text, 1) as {
    version?: unknown;
    width?: unknown;
    height?: unknown;
    term?: { cols?: unknown; rows?: unknown };
    title?: unknown;
    command?: unknown;
  };
  const version = value?.version;
  if (version !== 2 && version !== 3) throw new AsciicastError('line 1 is no asciicast v2 or v3 header');
  const cols = version === 3 ? value.term?.cols : value.width;
  const rows = version === 3 ? value.term?.rows : value.height;
  if (!isSize(cols) || !isSize(rows)) throw new AsciicastError('the header names no terminal size');
  return { version, cols, rows, title: textOf(value.title), command: textOf(value.command) };
}

function parseLine(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AsciicastError(`line ${number} is not JSON`, { cause: error });
  }
}

export class AsciicastReader {
  readonly #decoder = new StringDecoder('utf8');
  #pending = '';
  #lines = 0;
  #at = 0;
  #header: CastHeader | null = null;

  get header(): CastHeader | null {
    return this.#header;
  }

  /** The events that these bytes complete. Throws AsciicastError, naming the line. */
  push(bytes: Uint8Array): CastEvent[] {
    this.#pending += this.#decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (this.#pending.length > MAX_LINE_CHARS)
      throw new AsciicastError(`line ${this.#lines + 1} is longer than ${MAX_LINE_CHARS}`);
    const lines = this.#pending.split('\n');
    this.#pending = lines.pop() as string;
    return lines.flatMap((text) => this.#take(text) ?? []);
  }

  #take(text: string): CastEvent | null {
    this.#lines++;
    if (!this.#header) {
      this.#header = parseHeader(text);
      return null;
    }
    if (text.trim() === '' || text.startsWith('#')) return null;
    const event = parseLine(text, this.#lines);
    if (
      !Array.isArray(event) ||
      typeof event[0] !== 'number' ||
      event[0] < 0 ||
      typeof event[1] !== 'string' ||
      typeof event[2] !== 'string'
    ) {
      throw new AsciicastError(`line ${this.#lines} is no event [time, code, data]`);
    }
    this.#at = this.#header.version === 3 ? this.#at + event[0] : event[0];
    return { at: this.#at, code: event[1], data: event[2] };
  }
}
