/**
 * Service tokens: EdDSA JWTs (RFC 8037) that live for a minute and name who calls (`iss`), whom (`aud`) and which
 * operation (`op`). A token taken from one request opens nothing but that operation of that service.
 *
 * Not given: replay within the minute is possible for who reads the wire; operations are idempotent where it matters.
 */
import { createSigner, createVerifier } from 'fast-jwt';
import type { Clock } from '../clock.ts';
import { ProblemError } from '../problem.ts';
import type { Keyring, ServiceKey } from './keys.ts';

const lifeSeconds = 60;
/** Clocks of two hosts may differ by this much. */
const toleranceSeconds = 5;
/** A token is signed anew when it has less than this to live, so that none expires on its way. */
const renewBeforeSeconds = 20;
const mostCached = 4_096;

export interface TokenTarget {
  readonly audience: string;
  readonly operation: string;
}

export type TokenSource = (target: TokenTarget) => string;

/** Signs tokens of one caller; keeps each until it nears its end (a signature costs some 50 µs). */
export function createTokenSource(options: { key: ServiceKey; clock: Clock }): TokenSource {
  const sign = createSigner({ key: options.key.secretPem, algorithm: 'EdDSA' });
  const cache = new Map<string, { token: string; expiresAt: number }>();
  return ({ audience, operation }) => {
    const now = Math.floor(options.clock.nowMs() / 1000);
    const name = `${audience}/${operation}`;
    const known = cache.get(name);
    if (known && known.expiresAt - now > renewBeforeSeconds && known.expiresAt - now <= lifeSeconds)
      return known.token;
    const expiresAt = now + lifeSeconds;
    const token = sign({ iss: options.key.caller, aud: audience, op: operation, iat: now, exp: expiresAt });
    cache.set(name, { token, expiresAt });
    return token;
  };
}

interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly op: string;
  readonly iat: number;
  readonly exp: number;
}

export type TokenVerifier = (token: string, operation: string) => string;

/**
 * Verifies tokens for one audience and returns the caller.
 *
 * A verified token is cached by its text until it expires (an Ed25519 check costs some 80 µs). The signature is
 * fast-jwt's to check; the times are ours, because the clock is passed in.
 * @throws ProblemError unauthenticated
 */
export function createTokenVerifier(options: {
  audience: string;
  keyring: Keyring;
  clock: Clock;
}): TokenVerifier {
  const verifiers = new Map(
    [...options.keyring].map(([caller, key]) => [
      caller,
      createVerifier({
        key,
        algorithms: ['EdDSA'],
        ignoreExpiration: true,
        ignoreNotBefore: true,
        cache: false,
      }),
    ]),
  );
  const cache = new Map<string, Claims>();

  const check = (token: string): Claims => {
    const verify = verifiers.get(issuerOf(token) ?? '');
    if (!verify) throw new ProblemError('unauthenticated', { detail: 'The token names no known caller.' });
    try {
      return assertClaims(verify(token));
    } catch (cause) {
      throw new ProblemError('unauthenticated', { detail: 'The token is not valid.', cause });
    }
  };

  return (token, operation) => {
    const claims = cache.get(token) ?? check(token);
    const now = options.clock.nowMs() / 1000;
    if (now > claims.exp + toleranceSeconds || now < claims.iat - toleranceSeconds) {
      cache.delete(token);
      throw new ProblemError('unauthenticated', { detail: 'The token is expired or not yet valid.' });
    }
    if (claims.aud !== options.audience || claims.op !== operation)
      throw new ProblemError('unauthenticated', { detail: 'The token is for another service or operation.' });
    if (!cache.has(token)) remember(cache, token, claims);
    return claims.iss;
  };
}

/** The oldest goes first; tokens live equally long, so it is also the next to expire. */
function remember(cache: Map<string, Claims>, token: string, claims: Claims): void {
  if (cache.size >= mostCached) cache.delete(cache.keys().next().value as string);
  cache.set(token, claims);
}

/** Only to find the key; nothing of it is believed before the signature holds. */
function issuerOf(token: string): string | undefined {
  if (token.length > 2_048) return undefined;
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const issuer = (payload as { iss?: unknown } | null)?.iss;
    return typeof issuer === 'string' ? issuer : undefined;
  } catch {
    return undefined;
  }
}

function assertClaims(payload: unknown): Claims {
  const { iss, aud, op, iat, exp } = payload as Record<string, unknown>;
  if (typeof iss !== 'string' || typeof aud !== 'string' || typeof op !== 'string')
    throw new TypeError('token lacks issuer, audience or operation');
  if (typeof iat !== 'number' || typeof exp !== 'number' || exp <= iat || exp - iat > lifeSeconds)
    throw new TypeError('token lives longer than allowed');
  return { iss, aud, op, iat, exp };
}
