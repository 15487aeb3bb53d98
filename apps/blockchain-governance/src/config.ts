import { ACCOUNT_KEY_PATTERN } from '@lucid/chain-client/account-key';
import { secret } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: Type.Optional(secret(Type.String({ description: 'where documents are kept' }))),
  MONGO_URL: Type.Optional(
    secret(Type.String({ description: 'document store, where LUCID_DOCUMENTS_URL is absent' })),
  ),
  GOVERNANCE_GOVERNOR_ADDRESS: Type.Optional(
    Type.String({
      pattern: '^0x[0-9a-fA-F]{40}$',
      description:
        'address of LucidGovernor, which knows those of timelock, nodes and registry; without it there is no governance yet',
    }),
  ),
  CHAIN_ID: Type.Integer({
    default: 1337,
    minimum: 1,
    maximum: Number.MAX_SAFE_INTEGER,
    description: 'of the chain that the governor is on',
  }),
  CHAIN_ACCOUNT_KEY: Type.Optional(
    secret(
      Type.String({
        pattern: ACCOUNT_KEY_PATTERN,
        description:
          'secret key of the account that pays for votes, queueing and execution, 32 bytes in hex; without it nothing is relayed but what others pay for',
      }),
    ),
  ),
  CHAIN_CONFIRMATIONS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 1_000,
    description:
      'blocks from that of a transaction to the newest that make it final; 1 where one producer makes all',
  }),
  GOVERNANCE_KEEPER: Type.Union([Type.Literal('on'), Type.Literal('off')], {
    default: 'on',
    description: 'whether what has passed is queued and executed unasked, at the cost of CHAIN_ACCOUNT_KEY',
  }),
  GOVERNANCE_POLL_MS: Type.Integer({
    default: 1_000,
    minimum: 10,
    maximum: 60_000,
    description: 'how soon the chain is looked at again while something is expected of it',
  }),
  GOVERNANCE_IDLE_MS: Type.Integer({
    default: 30_000,
    minimum: 10,
    maximum: 3_600_000,
    description: 'how seldom at last while nothing is',
  }),
  GOVERNANCE_QUERIES_PER_MINUTE: Type.Integer({
    default: 500,
    minimum: 1,
    maximum: 10_000,
    description: 'requests of one network address',
  }),
  GOVERNANCE_WRITES_PER_MINUTE: Type.Integer({
    default: 60,
    minimum: 1,
    maximum: 10_000,
    description: 'of these, such as hand something in or have it judged',
  }),
  GOVERNANCE_CONNECTIONS: Type.Integer({ default: 1_000, minimum: 1, maximum: 100_000 }),
});
export type Config = Static<typeof Config>;
