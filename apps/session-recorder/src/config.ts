/** What session-recorder reads from the environment. */
import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const RecorderConfig = Type.Object({
  RECORDER_AGENT_TIMEOUT_MS: Type.Integer({
    default: 10_000,
    minimum: 100,
    maximum: 3_600_000,
    description: 'an agent silent for so long has vanished, and its session is ended as interrupted',
  }),
  LUCID_DOCUMENTS_URL: Type.Optional(secret(Type.String({ description: 'document store' }))),
  MONGO_URL: Type.Optional(
    secret(Type.String({ description: 'document store, where LUCID_DOCUMENTS_URL is absent' })),
  ),
  REDIS_URL: Type.Optional(secret(Type.String({ description: 'where events are published' }))),
});
export type RecorderConfig = Static<typeof RecorderConfig>;
