/**
 * A refresh token is 16 bytes that name its family (one login) and 32 secret ones, base64url. The id of the login is worked out from
 * the name and not the other way round: who knows the id, which stands in access tokens, cannot make a token that looks like an
 * old one and so end the login.
 *
 * The token after a given one is worked out from it with a key that only this node has. So a client whose answer was lost may ask
 * again within `RETRY_MS` and gets the same answer. Whoever stole a token and uses it in that time gets the same successor
 * as its owner: at its next use one of them comes second, and the login ends.
 */
import { type NodeSecret, sha256Text } from './node-secret.ts';

const FAMILY_BYTES = 16;
const SECRET_BYTES = 32;

/** How long after a refresh the token before is still answered, with what it was answered then. */
export const RETRY_MS = 10_000;

export interface RefreshToken {
  readonly loginId: string;
  readonly family: Buffer;
  readonly secret: Buffer;
  /** Kept instead of the secret. */
  readonly hash: string;
}

const tokenOf = (family: Buffer, secret: Buffer): RefreshToken => ({
  ...{ family, secret },
  loginId: sha256Text(Buffer.concat([Buffer.from('lucid-login\0'), family])).slice(0, 22),
  hash: sha256Text(secret),
});

export const newRefreshToken = (random: (sizeBytes: number) => Uint8Array): RefreshToken =>
  tokenOf(Buffer.from(random(FAMILY_BYTES)), Buffer.from(random(SECRET_BYTES)));

export const successorOf = ({ family, secret }: RefreshToken, node: NodeSecret): RefreshToken =>
  tokenOf(family, node.derive('refresh-token', Buffer.concat([family, secret])));

export const refreshTokenText = ({ family, secret }: RefreshToken): string =>
  Buffer.concat([family, secret]).toString('base64url');

/** Null where it is none of ours by its form. */
export function parseRefreshToken(text: string): RefreshToken | null {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== FAMILY_BYTES + SECRET_BYTES || bytes.toString('base64url') !== text) return null;
  return tokenOf(bytes.subarray(0, FAMILY_BYTES), bytes.subarray(FAMILY_BYTES));
}
