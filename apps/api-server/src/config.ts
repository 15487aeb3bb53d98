import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

const storeUrl = (description: string) => Type.Optional(secret(Type.String({ description })));

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: storeUrl('where answers under idempotency keys are kept'),
  MONGO_URL: storeUrl('document store, where LUCID_DOCUMENTS_URL is absent'),
  API_SERVER_SWEEP_MS: Type.Integer({
    default: 60_000,
    minimum: 10,
    maximum: 3_600_000,
    description: 'how often answers whose time is over are removed',
  }),
});
export type Config = Static<typeof Config>;
