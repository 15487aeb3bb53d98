/** Values inside a reply's lines: `KEY=value KEY="quoted value" word`. */
import { TorControlError } from './control-error.ts';
import type { Reply } from './reply-parser.ts';

export interface Words {
  /** What stands without a key, in order. */
  readonly words: readonly string[];
  readonly values: ReadonlyMap<string, string>;
}

const TOKEN = /\s*(?:([A-Za-z0-9_-]+)=)?(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))/gy;

/** @throws TorControlError protocol where a quote does not end */
export function parseWords(text: string): Words {
  const words: string[] = [];
  const values = new Map<string, string>();
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found || TOKEN.lastIndex === from) throw new TorControlError('protocol');
    const [, key, quoted, plain = ''] = found;
    const value = quoted === undefined ? plain : unescaped(quoted);
    if (key === undefined) words.push(value);
    else values.set(key, value);
  }
  return { words, values };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{1,3}|.)/gs, (_all, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) & 0xff) : (ESCAPES[code] ?? code),
  );

/** A text as the control port takes it in quotes. @throws TypeError for a line break or NUL */
export function quoted(text: string): string {
  assertOneLine(text);
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** @throws TypeError for what would end a command. */
export function assertOneLine(text: string): void {
  if (/[\r\n\0]/.test(text))
    throw new TypeError('an argument of the control port must not hold a line break');
}

/** What `250-key=value` lines say, and `250+key=` ones. */
export function keyValues({ lines }: Reply): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { text, data } of lines) {
    const at = text.indexOf('=');
    if (at > 0) found.set(text.slice(0, at), data ?? text.slice(at + 1));
  }
  return found;
}
