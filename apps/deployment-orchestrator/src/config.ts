import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: Type.Optional(secret(Type.String({ description: 'where documents are kept' }))),
  MONGO_URL: Type.Optional(
    secret(Type.String({ description: 'document store, where LUCID_DOCUMENTS_URL is absent' })),
  ),
  ORCHESTRATOR_POLL_MS: Type.Integer({
    default: 500,
    minimum: 10,
    maximum: 60_000,
    description: 'how soon contract-deployment is asked again while a step waits for its block',
  }),
});
export type Config = Static<typeof Config>;
