/**
 * What may come in through the gateway: what is not here is not there. Paths are compared in whole segments, as they are
 * written; the longest prefix decides.
 */
export interface GatewayRoute {
  /** The path itself and all below it. */
  readonly prefix: string;
  readonly service: string;
  /** Only the path itself. */
  readonly exact?: true;
  /** Path at the service, where it is another one; with `exact`. */
  readonly forwardAs?: string;
}

export const gatewayRoutes: readonly GatewayRoute[] = [
  { prefix: '/api/v1/auth', service: 'authentication' },
  { prefix: '/api/v1/users', service: 'authentication' },
  { prefix: '/api/v1/sessions', service: 'session-api' },
  { prefix: '/api/v1/storage', service: 'session-api' },
  { prefix: '/api/v1/trust', service: 'session-api' },
  { prefix: '/api/v1/app', service: 'api-server' },
  { prefix: '/docs', service: 'openapi-gateway' },
  { prefix: '/openapi', service: 'openapi-gateway' },
  { prefix: '/openapi.json', service: 'openapi-gateway', exact: true },
  {
    prefix: '/.well-known/jwks.json',
    service: 'authentication',
    exact: true,
    forwardAs: '/api/v1/auth/jwks.json',
  },
];

/** By which of the limits a request without a token is counted; all by the sender's address. */
export type PublicLimit = 'public' | 'login' | 'register' | 'refresh';

export interface PublicOperation {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly limit: PublicLimit;
}

/** All that is open without a token, besides `/health`: public keys and the sign-in itself. */
export const gatewayPublic: readonly PublicOperation[] = [
  { method: 'GET', path: '/.well-known/jwks.json', limit: 'public' },
  { method: 'GET', path: '/api/v1/auth/jwks.json', limit: 'public' },
  { method: 'POST', path: '/api/v1/auth/challenge', limit: 'public' },
  { method: 'POST', path: '/api/v1/auth/login', limit: 'login' },
  { method: 'POST', path: '/api/v1/auth/register', limit: 'register' },
  { method: 'POST', path: '/api/v1/auth/refresh', limit: 'refresh' },
];

/** A success ends the login that asked. */
export const gatewayLogout = { method: 'POST', path: '/api/v1/auth/logout' } as const;
