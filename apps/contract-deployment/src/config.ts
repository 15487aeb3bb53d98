import { ACCOUNT_KEY_PATTERN } from '@lucid/chain-client/account-key';
import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: Type.Optional(secret(Type.String({ description: 'where documents are kept' }))),
  MONGO_URL: Type.Optional(
    secret(Type.String({ description: 'document store, where LUCID_DOCUMENTS_URL is absent' })),
  ),
  CHAIN_ACCOUNT_KEY: secret(
    Type.String({
      pattern: ACCOUNT_KEY_PATTERN,
      description:
        'secret key of the account that deploys and pays, 32 bytes in hex; of this service alone, not that of on-system-chain-client',
    }),
  ),
  CHAIN_ID: Type.Integer({ default: 1337, minimum: 1, description: 'of the chain that is deployed to' }),
  CHAIN_CONFIRMATIONS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 1_000,
    description:
      'blocks from that of a transaction to the newest that make it final; 1 where one producer makes all',
  }),
  DEPLOYMENT_POLL_MS: Type.Integer({
    default: 500,
    minimum: 10,
    maximum: 60_000,
    description: 'how soon the chain is looked at again while a transaction waits for its block',
  }),
});
export type Config = Static<typeof Config>;
