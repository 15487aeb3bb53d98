import { ACCOUNT_KEY_PATTERN } from '@lucid/chain-client/account-key';
import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: Type.Optional(secret(Type.String({ description: 'where documents are kept' }))),
  MONGO_URL: Type.Optional(
    secret(Type.String({ description: 'document store, where LUCID_DOCUMENTS_URL is absent' })),
  ),
  LUCID_LEDGER_VERIFIER_KEY: Type.String({
    pattern: '^[^+]+\\+[0-9a-f]{8}\\+.+$',
    description: 'verifier key of the ledger, NAME+HEX+BASE64: proofs by another key are refused',
  }),
  CHAIN_CLIENT_RETRY_BASE_MS: Type.Integer({ default: 200, minimum: 1, maximum: 60_000 }),
  CHAIN_CLIENT_RETRY_CAP_MS: Type.Integer({ default: 60_000, minimum: 1, maximum: 3_600_000 }),
  CHAIN_CLIENT_EXPIRE_MS: Type.Integer({
    default: 604_800_000,
    minimum: 1_000,
    description: 'an anchor that is not final after this long is given up',
  }),
  CHAIN_ACCOUNT_KEY: Type.Optional(
    secret(
      Type.String({
        pattern: ACCOUNT_KEY_PATTERN,
        description:
          'secret key of the account that pays, 32 bytes in hex: sessions are then registered on the chain, without it in the ledger’s log',
      }),
    ),
  ),
  CHAIN_ID: Type.Integer({ default: 1337, minimum: 1, description: 'of the chain that sessions go to' }),
  CHAIN_CONFIRMATIONS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 1_000,
    description:
      'blocks from that of a registration to the newest that make it final; 1 where one producer makes all',
  }),
  CHAIN_BATCH_MS: Type.Integer({
    default: 200,
    minimum: 0,
    maximum: 60_000,
    description: 'sessions that come within this time after a registration share the next one',
  }),
});
export type Config = Static<typeof Config>;
