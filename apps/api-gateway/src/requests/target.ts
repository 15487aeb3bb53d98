/**
 * The address of a request (RFC 9112 section 3.2, RFC 3986), taken only in one way of writing it: origin-form, no empty,
 * `.` or `..` segment, no parameters, nothing encoded that need not be or that would mean something once decoded. So the
 * gateway and whoever decodes behind it can not see two paths in one.
 */
import { problem } from '../problem.ts';

const LONGEST = 8_192;

/** pchar of RFC 3986 without `;`, and `/`. */
const PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[0-9A-Fa-f]{2})*$/;
/** query of RFC 3986. */
const QUERY = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;
const EMPTY_OR_DOTS = /\/(?:\.{0,2}(?:\/)|\.{1,2}$)/;
/** Controls, unreserved characters, and those that mean something: `# % . / ; ? \` and DEL. */
const AMBIGUOUS = /%(?:[01][0-9A-F]|2[35DEF]|3[0-9BF]|4[1-9A-F]|5[0-9ACF]|6[1-9A-F]|7[0-9AEF])/i;
const NUL = /%00/;

export interface Target {
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly search: string;
}

const isText = (encoded: string): boolean => {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    // Not UTF-8: overlong, a surrogate, cut off.
    return false;
  }
};

function refuse(detail: string): never {
  throw problem('invalid_request', { detail });
}

/** @throws ProblemError invalid_request, uri_too_long */
export function parseTarget(target: string): Target {
  if (target.length > LONGEST) throw problem('uri_too_long');
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  if (!PATH.test(path)) refuse('The path has characters that it must not have.');
  if (EMPTY_OR_DOTS.test(path)) refuse('The path has empty or relative segments.');
  if (path.includes('%') && (AMBIGUOUS.test(path) || !isText(path)))
    refuse('The path is encoded ambiguously.');
  if (mark < 0) return { path, search: '' };
  const search = target.slice(mark);
  if (!QUERY.test(search.slice(1))) refuse('The query has characters that it must not have.');
  if (search.includes('%') && (NUL.test(search) || !isText(search)))
    refuse('The query is encoded ambiguously.');
  return { path, search };
}
