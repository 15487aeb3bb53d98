import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: Type.Optional(secret(Type.String({ description: 'where documents are kept' }))),
  MONGO_URL: Type.Optional(
    secret(Type.String({ description: 'document store, where LUCID_DOCUMENTS_URL is absent' })),
  ),
  LUCID_RECORDER_KEY: secret(
    Type.String({
      pattern: '^PRIVATE\\+KEY\\+',
      description: 'signer key of this node’s recorder, in the form of Go’s note package',
    }),
  ),
  MERKLE_CHECKPOINT_INTERVAL_MS: Type.Integer({
    default: 2_000,
    minimum: 10,
    maximum: 60_000,
    description: 'a leaf is under a signed checkpoint at most this long after it was added',
  }),
});
export type Config = Static<typeof Config>;
