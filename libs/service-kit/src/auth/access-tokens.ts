/**
 * Access tokens of accounts (RFC 9068 with EdDSA, RFC 8037): made by `authentication`, verified by every service itself.
 *
 * A token is verified once and cached by its text; its times and its revocation are judged at every use. Keys and
 * revocations that were fetched stay in use while `authentication` is away, so that running tokens go on until they expire.
 */
import { createPublicKey } from 'node:crypto';
import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
  type AccessClaims,
  type Account,
  accountOfClaims,
  CLOCK_TOLERANCE_SECONDS,
} from '@lucid/access';
import { createSigner, createVerifier } from 'fast-jwt';
import type { Clock } from '../clock.ts';
import { ProblemError } from '../problem.ts';
import type { AccessKeys } from './access-keys.ts';

/** An account and the token that it showed, so that a service can pass the token on to another. */
export interface SignedInAccount extends Account {
  readonly token: string;
}

export interface AccountVerifier {
  /** At once where token and key are known. @throws ProblemError unauthenticated; unavailable where no key could be fetched yet */
  verify(token: string): SignedInAccount | Promise<SignedInAccount>;
}

const mostCached = 10_000;
const tokenMaxChars = 2_048;

interface Header {
  readonly typ?: unknown;
  readonly alg?: unknown;
  readonly kid?: unknown;
}

/** Only to find out who may judge a token; nothing of it is believed before its signature holds. */
function headerOf(token: string): Header | null {
  if (token.length > tokenMaxChars) return null;
  try {
    return JSON.parse(
      Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('utf8'),
    ) as Header;
  } catch {
    return null;
  }
}

/** What headers said; there are as many as there are keys, and this is asked at every request. */
const headersSeen = new Map<string, boolean>();
const mostHeaders = 64;

/** Whether it says of itself that it is an access token; service tokens do not. */
export function saysAccessToken(token: string): boolean {
  const header = token.slice(0, token.indexOf('.'));
  const seen = headersSeen.get(header);
  if (seen !== undefined) return seen && token.length <= tokenMaxChars;
  const says = headerOf(token)?.typ === ACCESS_TOKEN_TYPE;
  if (headersSeen.size >= mostHeaders) headersSeen.clear();
  if (token.length <= tokenMaxChars) headersSeen.set(header, says);
  return says;
}

const refused = (detail: string, cause?: unknown) => new ProblemError('unauthenticated', { detail, cause });

export function createAccountVerifier(options: { keys: AccessKeys; clock: Clock }): AccountVerifier {
  const { keys, clock } = options;
  const known = new Map<string, SignedInAccount>();
  const verifiers = new Map<string, ReturnType<typeof verifierOf>>();

  const judge = (account: SignedInAccount): SignedInAccount => {
    const now = clock.nowMs() / 1000;
    if (
      now > account.expiresAt + CLOCK_TOLERANCE_SECONDS ||
      now < account.issuedAt - CLOCK_TOLERANCE_SECONDS
    ) {
      known.delete(account.token);
      throw refused('The access token is expired or not yet valid.');
    }
    if (keys.isRevoked(account.loginId) || keys.isRevoked(account.tokenId)) {
      known.delete(account.token);
      throw refused('The access token was revoked; sign in again.');
    }
    return account;
  };

  const check = (token: string, publicKey: string): SignedInAccount => {
    let verify = verifiers.get(publicKey);
    if (!verify) {
      if (verifiers.size > 64) verifiers.clear();
      verify = verifierOf(publicKey);
      verifiers.set(publicKey, verify);
    }
    const account = judge(accountOf(token, verify));
    if (known.size >= mostCached) known.delete(known.keys().next().value as string);
    known.set(token, account);
    return account;
  };

  return {
    verify(token) {
      const account = known.get(token);
      if (account) return judge(account);
      const kid = kidOf(token);
      const key = keys.get(kid);
      if (key) return check(token, key);
      return keys.fetch(kid).then((fetched) => {
        if (!fetched) throw refused('The access token is signed by a key that is not known.');
        return check(token, fetched);
      });
    },
  };
}

function kidOf(token: string): string {
  const header = headerOf(token);
  if (header?.typ !== ACCESS_TOKEN_TYPE || header.alg !== 'EdDSA')
    throw refused('The token is not an access token.');
  if (typeof header.kid !== 'string' || header.kid === '' || header.kid.length > 64)
    throw refused('The access token does not name its key.');
  return header.kid;
}

/** The times are judged by our own clock. */
const verifierOf = (publicKey: string) =>
  createVerifier({
    key: createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' })
      .export({ format: 'pem', type: 'spki' })
      .toString(),
    algorithms: ['EdDSA'],
    ignoreExpiration: true,
    ignoreNotBefore: true,
    cache: false,
  });

function accountOf(token: string, verify: ReturnType<typeof verifierOf>): SignedInAccount {
  let claims: unknown;
  try {
    claims = verify(token);
  } catch (cause) {
    throw refused('The access token is not valid.', cause);
  }
  const account = accountOfClaims(claims);
  if (!account) throw refused('The access token does not say what one has to say.');
  return { ...account, token };
}

/** Key that signs access tokens. */
export interface AccessSigningKey {
  readonly kid: string;
  /** PKCS #8 PEM of an Ed25519 key. */
  readonly secretPem: string;
}

/** Signs claims as they are; `authentication` decides what stands in them. */
export function createAccessTokenSigner({ kid, secretPem }: AccessSigningKey) {
  const sign = createSigner({
    key: secretPem,
    algorithm: 'EdDSA',
    header: { alg: 'EdDSA', typ: ACCESS_TOKEN_TYPE, kid } as never,
  });
  return (claims: Omit<AccessClaims, 'iss' | 'aud'>): string =>
    sign({ iss: ACCESS_TOKEN_ISSUER, aud: ACCESS_TOKEN_AUDIENCE, ...claims });
}
