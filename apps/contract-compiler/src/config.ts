import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: Type.Optional(secret(Type.String({ description: 'where documents are kept' }))),
  MONGO_URL: Type.Optional(
    secret(Type.String({ description: 'document store, where LUCID_DOCUMENTS_URL is absent' })),
  ),
  COMPILER_MEMORY_MB: Type.Integer({
    default: 512,
    minimum: 64,
    maximum: 2_048,
    description: 'memory that one compilation may take, besides about 200 MB of the compiler itself',
  }),
  COMPILER_PARALLEL: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 16,
    description: 'compilations at a time',
  }),
  COMPILER_QUEUE: Type.Integer({
    default: 8,
    minimum: 0,
    maximum: 1_000,
    description: 'compilations that may wait',
  }),
});
export type Config = Static<typeof Config>;
