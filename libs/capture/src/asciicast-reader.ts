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

const isEvent = (value: unknown): value is [number, string, string] =>
  Array.isArray(value) &&
  typeof value[0] === 'number' &&
  value[0] >= 0 &&
  typeof value[1] === 'string' &&
  typeof value[2] === 'string';

function parseLine(text: string, number: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AsciicastError(`line ${number} is not JSON`, { cause: error });
  }
}

export class AsciicastReader {
  readonly #decoder = new StringDecoder('utf8');
  /** Pieces of a line that is not complete; joined once, so a long line costs its length. */
  #pending: string[] = [];
  #pendingChars = 0;
  #lines = 0;
  #at = 0;
  #header: CastHeader | null = null;

  get header(): CastHeader | null {
    return this.#header;
  }

  /** The events that these bytes complete. Throws AsciicastError, naming the line. */
  push(bytes: Uint8Array): CastEvent[] {
    const text = this.#decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const lines = text.split('\n');
    const last = lines.pop() as string;
    if (lines.length === 0) {
      this.#wait(last);
      return [];
    }
    lines[0] = this.#pending.join('') + lines[0];
    this.#pending = [];
    this.#pendingChars = 0;
    const events = lines.flatMap((line) => this.#take(line) ?? []);
    this.#wait(last);
    return events;
  }

  #wait(piece: string): void {
    if (piece === '') return;
    this.#pending.push(piece);
    this.#pendingChars += piece.length;
    if (this.#pendingChars > MAX_LINE_CHARS)
      throw new AsciicastError(`line ${this.#lines + 1} is longer than ${MAX_LINE_CHARS} characters`);
  }

  #take(text: string): CastEvent | null {
    this.#lines++;
    if (!this.#header) {
      this.#header = parseHeader(text);
      return null;
    }
    if (text.trim() === '' || text.startsWith('#')) return null;
    const event = parseLine(text, this.#lines);
    if (!isEvent(event)) throw new AsciicastError(`line ${this.#lines} is no event [time, code, data]`);
    const [time, code, data] = event;
    // Version 2 has absolute times; where they run back, an event is shown at the time of the one before.
    const at = this.#header.version === 3 ? this.#at + time : Math.max(this.#at, time);
    if (!Number.isFinite(at)) throw new AsciicastError(`line ${this.#lines} has no time`);
    this.#at = at;
    return { at, code, data };
  }
}
