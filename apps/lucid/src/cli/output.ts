/**
 * What the command line writes: results to standard output, everything else to standard error; colours and moving
 * lines only on a terminal (NO_COLOR is respected), plain lines in a pipe, one JSON object where asked for.
 */
import { styleText } from 'node:util';
import { printable, sizeText } from '@lucid/verifier';

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

export interface Progress {
  update(done: number): void;
  end(): void;
}

const REDRAW_MS = 100;

/** `1 chunk`, `2 chunks`. */
export const countText = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

export class Output {
  readonly #streams: Streams;
  readonly options: OutputOptions;

  constructor(streams: Streams, options: OutputOptions) {
    this.#streams = streams;
    this.options = options;
  }

  /** A line of the result; nothing under --json. */
  line(text = ''): void {
    if (!this.options.json) this.#streams.stdout.write(`${text}\n`);
  }

  /** The result under --json: one object, one line. */
  json(value: unknown): void {
    if (this.options.json) this.#streams.stdout.write(`${jsonText(value)}\n`);
  }

  /** Something to know beside the result. */
  note(text: string): void {
    if (!this.options.quiet) this.#streams.stderr.write(`${text}\n`);
  }

  /** Something to know at once, also with --quiet; on a line of its own, whatever state the terminal is in. */
  notice(text: string): void {
    this.#streams.stderr.write(this.#streams.stderr.isTTY ? `\r\nlucid: ${text}\r\n` : `lucid: ${text}\n`);
  }

  /** Whether results may carry colours. */
  get colours(): boolean {
    return this.#coloured(this.#streams.stdout);
  }

  /** Whether something that moves may be drawn on standard error. */
  get drawsOnTerminal(): boolean {
    return this.#streams.stderr.isTTY === true && !this.options.quiet && !this.options.json;
  }

  style(style: Style, text: string): string {
    return this.#coloured(this.#streams.stdout) ? styleText(style, text) : text;
  }

  /** A bar that redraws itself on a terminal; silent in a pipe, under --json and --quiet. `total` null where unknown. */
  progress(label: string, total: number | null): Progress {
    const { stderr } = this.#streams;
    if (!this.drawsOnTerminal) return { update: () => {}, end: () => {} };
    const startMs = Date.now();
    let lastMs = 0;
    const draw = (done: number) => {
      const seconds = Math.max(0.001, (Date.now() - startMs) / 1000);
      const rate = `${sizeText(Math.round(done / seconds))}/s`;
      const share = total ? Math.min(1, done / total) : 0;
      const bar = total
        ? `${'█'.repeat(Math.round(share * 24)).padEnd(24, '░')} ${Math.floor(share * 100)} %`
        : '';
      stderr.write(
        `\r\x1b[K${label} ${bar} ${sizeText(done)}${total ? ` of ${sizeText(total)}` : ''}, ${rate}`,
      );
    };
    return {
      update(done) {
        if (Date.now() - lastMs < REDRAW_MS) return;
        lastMs = Date.now();
        draw(done);
      },
      end: () => stderr.write('\r\x1b[K'),
    };
  }

  #coloured(stream: NodeJS.WriteStream): boolean {
    const { env } = this.#streams;
    if (env.NO_COLOR) return false;
    return Boolean(env.FORCE_COLOR) || (stream.isTTY === true && env.TERM !== 'dumb');
  }
}

const STEERING = /[\u007f-\u009f\p{Cf}\u2028\u2029]/gu;
const unitText = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON in which the characters that could steer a terminal are escaped; what it says is the same. */
export const jsonText = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, null, indent) ?? '').replace(STEERING, (character) =>
    character.split('').map(unitText).join(''),
  );

/** Foreign text of several lines: its lines stay lines, nothing else in it steers the terminal. */
export const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** A line for each value that is there; values may come from strangers. */
export const formatRows = (
  rows: readonly (readonly [name: string, value: string | undefined])[],
  width: number,
): string[] =>
  rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(width)} ${printable(value)}`]));

/** Columns padded to their widest cell; the last one is not. Cells may come from strangers. */
export function formatTable(foreign: readonly (readonly string[])[]): string[] {
  const rows = foreign.map((row) => row.map(printable));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  '),
  );
}

export const formatTime = (us: number): string =>
  `${new Date(us / 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
