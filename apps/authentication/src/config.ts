import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

const location = (description: string) => Type.Optional(secret(Type.String({ description })));

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: location('where documents are kept'),
  MONGO_URL: location('document store, where LUCID_DOCUMENTS_URL is absent'),
  REDIS_URL: location('where failed sign-ins are counted with other instances; absent: in this process'),
  AUTH_SECRET: secret(
    Type.String({
      minLength: 32,
      maxLength: 1024,
      description:
        'random text, the same for every instance; signing keys and secrets of authenticators are encrypted with it',
    }),
  ),
  AUTH_URI: Type.String({
    default: 'http://localhost:8080',
    minLength: 1,
    description:
      'where people sign in, as their address bar shows it; several with commas, the first is the default',
  }),
  AUTH_CHAIN_ID: Type.String({
    default: '0x2b6653dc',
    pattern: '^0x[0-9a-f]{8}$',
    description: 'chain that sign-in messages name: the main network of TRON unless said otherwise',
  }),
  AUTH_REGISTRATION: Type.Enum(['invited', 'open'], {
    default: 'invited',
    description: 'who may register: whose address was invited, or anybody',
  }),
  AUTH_KEY_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 365,
    description: 'age at which signing keys are replaced',
  }),
  AUTH_KEY_LEAD_SECONDS: Type.Integer({
    default: 120,
    minimum: 100,
    maximum: 86_400,
    description:
      'how long the next key is published before it signs: more than caches (60 s) and verifiers (30 s) take',
  }),
  AUTH_AUDIT_DAYS: Type.Integer({
    default: 90,
    minimum: 1,
    maximum: 36_500,
    description: 'age at which audit entries are removed',
  }),
  AUTH_AUDIT_ANCHOR_SECONDS: Type.Integer({
    default: 3_600,
    minimum: 1,
    maximum: 86_400,
    description: 'how often the head of the audit log goes into the ledger, where it changed',
  }),
});
export type Config = Static<typeof Config>;
