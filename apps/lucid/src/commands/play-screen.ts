/**
 * What a played recording does to the terminal it is played on, and how that is undone. Foreign evidence must not act on the
 * terminal beyond drawing: what would set the clipboard is left out.
 */

/** Private modes that are on in a terminal at rest: wrap around, cursor shown. All others are off. */
const ON_AT_REST: ReadonlySet<number> = new Set([7, 25]);
/** Longest sequence that is waited for across two outputs. */
const MAX_PENDING_CHARS = 64;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this is about
const MODE_SEQUENCE = /\x1b\[\?([0-9;]+)([hl])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this is about
const UNFINISHED_TAIL = /\x1b(?:\[\??[0-9;]*)?$/;
/** OSC 52, up to BEL or ST. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this is about
const CLIPBOARD = /\x1b\]52;[^\x07\x1b]*(?:\x07|\x1b\\)?/g;

/** Keeps track of the private modes that output sets. */
export class ScreenModes {
  readonly #changed = new Map<number, boolean>();
  #pending = '';

  /** The text to print. */
  push(text: string): string {
    const all = this.#pending + text;
    for (const [, numbers = '', action] of all.matchAll(MODE_SEQUENCE))
      for (const number of numbers.split(';')) this.#changed.set(Number(number), action === 'h');
    this.#pending = UNFINISHED_TAIL.exec(all.slice(-MAX_PENDING_CHARS))?.[0] ?? '';
    return text.replace(CLIPBOARD, '');
  }

  /** What brings the terminal back to rest: modes, colours, character set, keypad. */
  restoring(): string {
    const modes = [...this.#changed].filter(([mode, on]) => on !== ON_AT_REST.has(mode));
    const back = modes.map(([mode, on]) => `\u001b[?${mode}${on ? 'l' : 'h'}`);
    return `${back.join('')}\u001b[0m\u001b(B\u001b>`;
  }
}

export type PlayKey = 'pause' | 'back' | 'forward' | 'step' | 'quit';

const KEYS: readonly (readonly [string, PlayKey])[] = [
  ['\u001b[C', 'forward'],
  ['\u001bOC', 'forward'],
  ['\u001b[D', 'back'],
  ['\u001bOD', 'back'],
  [' ', 'pause'],
  ['.', 'step'],
  ['q', 'quit'],
  ['Q', 'quit'],
  ['\u0003', 'quit'],
  ['\u0004', 'quit'],
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: answers of the terminal to a recording's questions are skipped whole
const OTHER_SEQUENCE = /^\x1b(?:[[O][0-?]*[ -/]*[@-~]|[\]P][^\x07\x1b]*(?:\x07|\x1b\\)|.)?/s;

/** The keys in what was typed; a terminal's answers and everything else are skipped. */
export function readKeys(typed: string): PlayKey[] {
  const keys: PlayKey[] = [];
  for (let rest = typed; rest !== ''; ) {
    const known = KEYS.find(([text]) => rest.startsWith(text));
    if (known) keys.push(known[1]);
    const length = known ? known[0].length : (OTHER_SEQUENCE.exec(rest)?.[0].length ?? 1);
    rest = rest.slice(Math.max(1, length));
  }
  return keys;
}

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** `COLSxROWS`, as a resize event has it. */
export function parseSize(text: string): Size | null {
  const match = /^(\d{1,5})x(\d{1,5})$/.exec(text);
  return match ? { cols: Number(match[1]), rows: Number(match[2]) } : null;
}

export const larger = (a: Size, b: Size): Size => ({
  cols: Math.max(a.cols, b.cols),
  rows: Math.max(a.rows, b.rows),
});
