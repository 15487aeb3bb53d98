import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

const storeUrl = (description: string) => Type.Optional(secret(Type.String({ description })));

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: storeUrl('where documents are kept'),
  MONGO_URL: storeUrl('document store, where LUCID_DOCUMENTS_URL is absent'),
  REDIS_URL: storeUrl('where requests are counted for all instances; absent: by this process alone'),
  SESSION_API_ENFORCE_MS: Type.Integer({
    default: 1_000,
    minimum: 10,
    maximum: 60_000,
    description: 'how often running sessions are held against their policies',
  }),
  SESSION_API_FEED_MS: Type.Integer({
    default: 500,
    minimum: 10,
    maximum: 60_000,
    description: 'how often a session that somebody follows is looked at',
  }),
  SESSION_API_SESSIONS_PER_USER: Type.Integer({ default: 100, minimum: 1, maximum: 10_000 }),
  SESSION_API_RUNNING_PER_USER: Type.Integer({ default: 5, minimum: 1, maximum: 1_000 }),
});
export type Config = Static<typeof Config>;
