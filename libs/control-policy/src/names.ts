/**
 * The one spelling of hosts, paths, keys and file names that rules are compared with. A rule that is written for one spelling is
 * worth nothing where another reaches the same thing, so every other spelling is refused, not translated.
 */
import { isWellFormedText } from '@lucid/bytes';

const HOST_DIGITS = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])$/;
const HOST_MAX_LENGTH = 253;

/**
 * A host name in lower case without a trailing dot, an IPv4 address in dotted decimal or an IPv6 address in brackets
 * (RFC 5952), as the WHATWG URL standard writes them: `0x7f.1`, `2130706433` and `[0::1]` are refused, and so is an IPv4
 * address inside an IPv6 one.
 */
export function isPlainHost(text: string): boolean {
  if (text.length === 0 || text.length > HOST_MAX_LENGTH || !HOST_DIGITS.test(text)) return false;
  if (text.startsWith('[::ffff:') || text.startsWith('[64:ff9b:')) return false;
  // Punycode is not decoded here: what the URL standard makes of a name must be the name itself.
  return URL.canParse(`http://${text}/`) && new URL(`http://${text}/`).hostname === text;
}

/** `*`, a plain host, or `*.` and a plain name: every name below it. */
export const isHostPattern = (text: string): boolean =>
  text === '*' || (text.startsWith('*.') ? isPlainName(text.slice(2)) : isPlainHost(text));

const isPlainName = (text: string): boolean =>
  isPlainHost(text) && !text.startsWith('[') && !/^[0-9.]+$/.test(text);

export function hostMatches(pattern: string, host: string): boolean {
  if (pattern === '*') return true;
  // '*.example.org': the name must end in '.example.org' and have something before it.
  return pattern.startsWith('*.')
    ? host.length > pattern.length - 1 && host.endsWith(pattern.slice(1))
    : host === pattern;
}

export const PATH_MAX_LENGTH = 1024;
// Controls, format characters (directional overrides), unassigned and private ones, surrogates, line and paragraph separators.
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;

/** `/` or `/a/b`: no empty, `.` or `..` segment, no `\`, no unseen character, well-formed Unicode in form C. */
export function isPlainPath(text: string): boolean {
  if (text.length > PATH_MAX_LENGTH || !text.startsWith('/')) return false;
  if (!isWellFormedText(text) || text.includes('\\') || UNSEEN.test(text) || text.normalize('NFC') !== text)
    return false;
  if (text === '/') return true;
  return text
    .slice(1)
    .split('/')
    .every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** A plain path of printable ASCII without `%`, `?`, `#` and `;`, as each of them has a second reading somewhere. A last `/` is allowed. */
export const isTargetPath = (text: string): boolean =>
  /^[\x21-\x7e]+$/.test(text) &&
  !/[%?#;]/.test(text) &&
  isPlainPath(text.length > 2 && text.endsWith('/') ? text.slice(0, -1) : text);

/** `*`, a path, or a path and `/*`: it and all below it. A pattern names no last `/`, as one is passed over in targets. */
export function isPathPattern(text: string): boolean {
  if (text === '*' || text === '/' || text === '/*') return true;
  const path = text.endsWith('/*') ? text.slice(0, -2) : text;
  return isTargetPath(path) && !path.includes('*') && !path.endsWith('/');
}

export function pathMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === '/*') return true;
  const bare = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return pattern.endsWith('/*') ? isInFolder(bare, pattern.slice(0, -2)) : bare === pattern;
}

/** The folder itself or anything below it, by whole segments. */
export const isInFolder = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`);

/** Of W3C UI Events: a named key (`PrintScreen`) or the one character that the key makes. */
export const isKeyName = (text: string): boolean => /^(?:[A-Za-z][A-Za-z0-9]{0,31}|\P{C})$/u.test(text);

export const isMediaType = (text: string): boolean =>
  /^[a-z0-9][a-z0-9.+-]{0,63}\/[a-z0-9][a-z0-9.+-]{0,63}$/.test(text);

/** Without its dot, lower case. */
export const isExtension = (text: string): boolean => /^[a-z0-9]{1,16}$/.test(text);

/**
 * The extension of a plain path's file, lower case; null where it has none, or where a system could read another out of the
 * name (a trailing dot or space, a `:` as of streams on NTFS).
 */
export function extensionOf(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name.includes(':')) return null;
  const dot = name.lastIndexOf('.');
  if (dot <= 0) return null;
  const extension = name.slice(dot + 1);
  return /^[A-Za-z0-9]{1,16}$/.test(extension) ? extension.toLowerCase() : null;
}
