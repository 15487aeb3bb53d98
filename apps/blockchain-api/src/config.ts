import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  CHAIN_API_QUERIES_PER_MINUTE: Type.Integer({
    default: 500,
    minimum: 1,
    maximum: 10_000,
    description: 'requests of one network address',
  }),
  CHAIN_API_CONNECTIONS: Type.Integer({ default: 1_000, minimum: 1, maximum: 100_000 }),
});
export type Config = Static<typeof Config>;
