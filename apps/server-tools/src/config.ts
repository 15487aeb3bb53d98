import { secret, urlVariable } from '@lucid/service-kit';
import { type Static, Type } from 'typebox';
import { reachableServices } from './domain/diag/installation.ts';

const Own = Type.Object({
  MONGO_URL: secret(
    Type.String({ description: 'the document store, mongodb://USER:PASSWORD@HOST:PORT/DATABASE' }),
  ),
  REDIS_URL: Type.Optional(secret(Type.String({ description: 'Redis, whose clock is compared' }))),
  TOR_CONTROL_PASSWORD: Type.Optional(
    secret(Type.String({ description: 'password of Tor’s control port: then its progress is told, too' })),
  ),
  SERVER_TOOLS_BACKUP_DIR: Type.String({ default: '/data/backups', description: 'folder of backups' }),
  SERVER_TOOLS_BACKUP_KEEP: Type.Integer({
    ...{ default: 10, minimum: 1, maximum: 10_000 },
    description: 'backups that pruning keeps',
  }),
  SERVER_TOOLS_BACKUP_KEEP_DAYS: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 36_500, description: 'age in days at which pruning removes them' }),
  ),
  SERVER_TOOLS_BACKUP_HOUR: Type.Optional(
    Type.Integer({
      ...{ minimum: 0, maximum: 23 },
      description: 'hour of each day, UTC, at which a backup is taken; absent: never',
    }),
  ),
  SERVER_TOOLS_BACKUP_RECIPIENT: Type.Optional(
    Type.String({
      pattern: '^age1[0-9a-z]{10,4000}$',
      description: 'age recipient that backups are encrypted to',
    }),
  ),
  SERVER_TOOLS_BACKUP_IDENTITY: Type.Optional(
    secret(
      Type.String({
        pattern: '^\\s*(#[^\\n]*\\n\\s*)*AGE-SECRET-KEY-1[0-9A-Z]+\\s*$',
        description:
          'age identity that opens encrypted backups, or the file of age-keygen; only to verify and restore them',
      }),
    ),
  ),
  SERVER_TOOLS_VOLUMES: Type.String({
    default: '/tmp',
    description: 'paths of volumes whose room is checked besides that of the backups, with commas between',
  }),
  SERVER_TOOLS_PROFILES: Type.String({
    default: '',
    description:
      'profiles that run here, with commas between: their services are missed where they are not there',
  }),
  SERVER_TOOLS_PROBE_TIMEOUT_MS: Type.Integer({
    ...{ default: 3_000, minimum: 100, maximum: 30_000 },
    description: 'time of one diagnostic try',
  }),
  SERVER_TOOLS_STORE_TIMEOUT_MS: Type.Integer({ default: 5_000, minimum: 100, maximum: 60_000 }),
  SERVER_TOOLS_ONION: Type.Optional(
    Type.String({
      pattern: '^[a-z2-7]{56}\\.onion(:[0-9]{1,5})?$',
      description: 'onion service of this installation that the check of Tor fetches /health of',
    }),
  ),
  TOR_CONTROL_PORT: Type.Integer({ default: 9051, minimum: 1, maximum: 65_535 }),
});

/** Stores say their address in their own URL. */
export const placedServices = reachableServices.filter((name) => name !== 'mongodb' && name !== 'redis');
const ADDRESS = Type.Optional(
  Type.String({
    pattern: '^(https?|tcp|socks5h?)://[^/@?#]+/?$',
    description: 'where it is, scheme://HOST:PORT',
  }),
);
const Places = Type.Object(
  Object.fromEntries(placedServices.map((name) => [urlVariable(name), ADDRESS])) as Record<
    string,
    typeof ADDRESS
  >,
);

export const Config = Type.Object({ ...Places.properties, ...Own.properties });
export type Config = Static<typeof Own> & { readonly [variable: string]: string | number | undefined };
