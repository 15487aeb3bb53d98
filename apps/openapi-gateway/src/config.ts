import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  OPENAPI_CACHE_MS: Type.Integer({
    default: 10_000,
    minimum: 0,
    maximum: 3_600_000,
    description: 'how long an answer of openapi-server is sent again before it is asked for anew',
  }),
  OPENAPI_STALE_MS: Type.Integer({
    default: 600_000,
    minimum: 0,
    maximum: 86_400_000,
    description: 'how old an answer may be that is sent while openapi-server does not answer',
  }),
  OPENAPI_REQUESTS_PER_MINUTE: Type.Integer({
    default: 1000,
    minimum: 1,
    maximum: 10_000,
    description: 'requests of one address (of IPv6: one /64) in any minute',
  }),
  OPENAPI_MAX_CONNECTIONS: Type.Integer({ default: 200, minimum: 1, maximum: 10_000 }),
});
export type Config = Static<typeof Config>;
