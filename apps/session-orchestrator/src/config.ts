import { ConfigError, secret } from '@lucid/service-kit';
import { parseStoreUrl } from '@lucid/store-factory';
import { type Static, Type } from 'typebox';

const storeUrl = (description: string) => Type.Optional(secret(Type.String({ description })));

const HOUR_MS = 3_600_000;

export const Config = Type.Object({
  LUCID_DOCUMENTS_URL: storeUrl('where documents are kept'),
  MONGO_URL: storeUrl('document store, where LUCID_DOCUMENTS_URL is absent'),
  LUCID_CHUNKS_URL: storeUrl('where chunks are kept; the same place as for session-encryptor'),
  SESSION_ENCRYPTOR_URL: Type.Optional(
    Type.String({
      description:
        'where session-encryptor is; from an address elsewhere it looks as if a folder of chunks were not shared',
    }),
  ),
  ORCHESTRATOR_SHARED_FOLDER: Type.Boolean({
    default: false,
    description:
      'the folder of LUCID_CHUNKS_URL is that of session-encryptor, though its address looks elsewhere',
  }),
  REDIS_URL: storeUrl('where state changes are published'),
  LUCID_S3_ACCESS_KEY: storeUrl('where chunks are kept at s3:'),
  LUCID_S3_SECRET_KEY: storeUrl('where chunks are kept at s3:'),
  ORCHESTRATOR_MAX_ATTEMPTS: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 1_000,
    description: 'tries of one processing step before it goes to the dead letters',
  }),
  ORCHESTRATOR_RETRY_BASE_MS: Type.Integer({ default: 250, minimum: 1, maximum: 60_000 }),
  ORCHESTRATOR_RETRY_CAP_MS: Type.Integer({ default: 30_000, minimum: 1, maximum: 3_600_000 }),
  ORCHESTRATOR_START_TIMEOUT_MS: Type.Integer({
    default: 60_000,
    minimum: 100,
    description: 'a session that is not recording this long after its start was begun is given up',
  }),
  ORCHESTRATOR_LEASE_MS: Type.Integer({
    default: 3_000,
    minimum: 30,
    maximum: 60_000,
    description:
      'how long a killed process holds up the sessions it was working on; recovery is to take less than 5 s',
  }),
  ORCHESTRATOR_SUPERVISE_MS: Type.Integer({
    default: 30_000,
    minimum: 100,
    description: 'how often running sessions are compared with the services that hold them',
  }),
  ORCHESTRATOR_START_WITHIN_MS: Type.Integer({
    default: 8 * HOUR_MS,
    minimum: 1_000,
    description: 'a session that was not started this long after it was made cannot be started any more',
  }),
  ORCHESTRATOR_FORGET_UNUSED_MS: Type.Integer({
    default: 24 * HOUR_MS,
    minimum: 1_000,
    description: 'a session that was never started is forgotten this long after it was made',
  }),
  ORCHESTRATOR_LONGEST_SESSION_MS: Type.Integer({
    default: 24 * HOUR_MS,
    minimum: 1_000,
    description: 'a session that runs for longer is closed as interrupted',
  }),
  ORCHESTRATOR_RETENTION_DAYS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 36_500,
      description: 'days after which sessions that do not say otherwise are deleted; absent: kept',
    }),
  ),
});
export type Config = Static<typeof Config>;

const THIS_MACHINE = /^(unix:|https?:\/\/(localhost|127(\.\d+){3}|\[::1\])([:/]|$))/i;

/**
 * The encryptor writes the records, this service the tails, so both need one folder, or every session fails at its end. Only the
 * encryptor's address is seen here: one elsewhere looks as if the folder were another, unless the setting says that it is shared (a
 * volume that both mount); at a loopback address two containers of one pod may have two folders all the same. @throws ConfigError
 */
export function assertSharedChunks(config: Config): void {
  const { LUCID_CHUNKS_URL: chunks = '', SESSION_ENCRYPTOR_URL: encryptor = '' } = config;
  if (chunks === '' || parseStoreUrl(chunks).scheme !== 'file') return;
  if (config.ORCHESTRATOR_SHARED_FOLDER || THIS_MACHINE.test(encryptor)) return;
  throw new ConfigError('session-orchestrator', [
    {
      variable: 'LUCID_CHUNKS_URL',
      expected: 'mongodb: (GridFS) or s3:, because session-encryptor looks as if it were on another machine',
      hint: 'set it so for both, or ORCHESTRATOR_SHARED_FOLDER=true where both have this very folder',
    },
  ]);
}
