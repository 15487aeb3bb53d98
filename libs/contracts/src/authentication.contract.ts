import { Type } from 'typebox';
import { defineContract } from './contract.ts';
import { Count } from './schemas.ts';

/** Services that verify access tokens, and therefore ask for what was revoked. */
export const accountServices = [
  'api-gateway',
  'authentication',
  'session-api',
  'api-server',
  'openapi-server',
  'openapi-gateway',
] as const;

/** RFC 8037 section 2. */
const PublicJwk = Type.Object({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  use: Type.Literal('sig'),
  alg: Type.Literal('EdDSA'),
  kid: Type.String({ minLength: 1, maxLength: 64 }),
  x: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
});

export const authenticationContract = defineContract({
  service: 'authentication',
  version: '1.0.0',
  summary: 'Accounts, sign-in by TRON signature, access tokens and their keys, roles, audit log.',
  basePath: '/api/v1',
  errors: {},
  operations: {
    getJwks: {
      method: 'GET',
      path: '/auth/jwks.json',
      summary: 'Public keys of access tokens (RFC 7517); the next one is there before it signs.',
      callers: ['public'],
      response: Type.Object({ keys: Type.Array(PublicJwk) }),
      cacheControl: 'public, max-age=60',
    },
    getRevocations: {
      method: 'GET',
      path: '/auth/revocations',
      summary:
        'Logins and tokens that were ended before their time, from a position on; waits for the first where there is none.',
      callers: accountServices,
      query: Type.Object(
        {
          after: Type.Optional(Count),
          waitMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 25_000 })),
        },
        { additionalProperties: false },
      ),
      response: Type.Object({
        revoked: Type.Array(
          Type.Object({
            /** Of a login or of one token. */
            id: Type.String({ minLength: 1, maxLength: 64 }),
            /** Seconds since the Unix epoch; no token of it lives longer. */
            until: Count,
          }),
        ),
        /** To be asked with as `after`. */
        next: Count,
      }),
      deadlineMs: 30_000,
    },
  },
});
