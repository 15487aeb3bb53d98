import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: Type.Optional(secret(Type.String({ description: 'where documents are kept' }))),
  MONGO_URL: Type.Optional(
    secret(Type.String({ description: 'document store, where LUCID_DOCUMENTS_URL is absent' })),
  ),
  LUCID_LEDGER_VERIFIER_KEY: Type.String({
    pattern: '^[^+]+\\+[0-9a-f]{8}\\+.+$',
    description: 'verifier key of the ledger, NAME+HEX+BASE64: proofs by another key do not hold',
  }),
  CHAIN_ID: Type.Integer({
    default: 1337,
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'the chain whose transactions count',
  }),
  SESSIONS_DATA_POLL_MS: Type.Integer({
    default: 1_000,
    minimum: 10,
    maximum: 60_000,
    description: 'how soon the ledger is asked for a new block after it had one',
  }),
  SESSIONS_DATA_IDLE_MS: Type.Integer({
    default: 30_000,
    minimum: 10,
    maximum: 3_600_000,
    description: 'how seldom it is asked at last while there is none',
  }),
  REDIS_URL: Type.Optional(
    secret(
      Type.String({
        description: 'where anchors that were told are kept for all instances; absent: in this process',
      }),
    ),
  ),
  SESSIONS_DATA_CACHED: Type.Integer({
    default: 10_000,
    minimum: 0,
    maximum: 1_000_000,
    description: 'anchors kept in memory where REDIS_URL is absent, about 1 KB each',
  }),
});
export type Config = Static<typeof Config>;
