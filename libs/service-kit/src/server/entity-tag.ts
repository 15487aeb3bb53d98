/** Strong entity tags (RFC 9110 section 8.8.3) of answers, and whether a request has that answer already. */
import { createHash } from 'node:crypto';

/** Bytes that are answered again and again, files for instance, are hashed once. */
const known = new WeakMap<Uint8Array, string>();

export function entityTagOf(body: string | Uint8Array): string {
  if (typeof body === 'string') return digest(body);
  const tag = known.get(body) ?? digest(body);
  known.set(body, tag);
  return tag;
}

const digest = (body: string | Uint8Array): string =>
  `"${createHash('sha256').update(body).digest('base64url')}"`;

/** RFC 9110 section 13.1.2: compared weakly; `*` matches anything there is. */
export function namesEntityTag(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}
