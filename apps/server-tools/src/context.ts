import { serverToolsContract } from '@lucid/contracts';
import { isRecipient, parseIdentityFile } from '@lucid/recipients';
import { ConfigError, type ContextOptions, urlVariable } from '@lucid/service-kit';
import { BackupDatabase } from '@lucid/store-mongo/backup';
import { type Config, placedServices } from './config.ts';
import { BackupFolder } from './domain/backup/backup-folder.ts';
import { Backups } from './domain/backup/backups.ts';
import { TOLERATED_MS } from './domain/diag/check-clock.ts';
import { type ReadVolume, readVolume } from './domain/diag/check-disk.ts';
import { ClockWatch } from './domain/diag/clock-watch.ts';
import { Diagnostics } from './domain/diag/diagnostics.ts';
import { Installation, type Place } from './domain/diag/installation.ts';
import { createNameResolver, type Resolve } from './domain/diag/resolve-name.ts';
import { Jobs } from './domain/jobs/jobs.ts';
import { JobStore } from './store/job-store.ts';
import { createClockWatcher } from './workers/clock-watcher.ts';
import { createDailyBackup } from './workers/daily-backup.ts';

export interface Adapters {
  /** Instead of the hosts file and name server of this machine. */
  readonly resolve: Resolve;
  /** Instead of statfs. */
  readonly readVolume: ReadVolume;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs: () => number;
}

const SERVICE = serverToolsContract.service;
const ONION_TIMEOUT_MS = 45_000;

const fault = (variable: string, expected: string, hint: string) =>
  new ConfigError(SERVICE, [{ variable, expected, hint }]);

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');

function openDatabase(config: Config): BackupDatabase {
  try {
    return BackupDatabase.open({
      url: config.MONGO_URL,
      serverTimeoutMs: config.SERVER_TOOLS_STORE_TIMEOUT_MS,
    });
  } catch {
    // What the driver says may repeat the address with its password.
    throw fault(
      'MONGO_URL',
      'mongodb://USER:PASSWORD@HOST:PORT/DATABASE',
      'correct it; special characters of a password are written in percent',
    );
  }
}

function placeOf(variable: string, url: URL, usualPort: number | undefined): Place {
  const port = url.port === '' ? usualPort : Number(url.port);
  if (url.hostname === '' || !port)
    throw fault(variable, 'an address with a port', 'write scheme://HOST:PORT');
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port };
}

/** Where services are that are not at their names. */
function placesOf(config: Config, database: BackupDatabase): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const service of placedServices) {
    const variable = urlVariable(service);
    const text = config[variable];
    if (typeof text === 'string') places.set(service, placeOf(variable, new URL(text), undefined));
  }
  const [mongo] = database.hosts;
  if (mongo && mongo.host !== 'mongodb') places.set('mongodb', mongo);
  const { REDIS_URL } = config;
  if (REDIS_URL !== undefined) {
    if (!URL.canParse(REDIS_URL)) throw fault('REDIS_URL', 'redis://:PASSWORD@HOST:PORT', 'correct it');
    const redis = placeOf('REDIS_URL', new URL(REDIS_URL), 6379);
    if (redis.host !== 'redis') places.set('redis', redis);
  }
  return places;
}

function assertRecipient({ SERVER_TOOLS_BACKUP_RECIPIENT: recipient }: Config): void {
  if (recipient === undefined || isRecipient(recipient)) return;
  throw fault('SERVER_TOOLS_BACKUP_RECIPIENT', 'an age recipient', 'copy it whole from age-keygen');
}

async function identityOf({ SERVER_TOOLS_BACKUP_IDENTITY: text }: Config): Promise<string | undefined> {
  if (text === undefined) return undefined;
  try {
    return (await parseIdentityFile(text))[0]?.identity;
  } catch {
    throw fault('SERVER_TOOLS_BACKUP_IDENTITY', 'an age identity', 'name the file that age-keygen wrote');
  }
}

type Options = ContextOptions<Config, Record<never, never>, Adapters>;

async function createBackups({ config, clock, log, random }: Options, database: BackupDatabase) {
  const folder = new BackupFolder(config.SERVER_TOOLS_BACKUP_DIR);
  const jobs = new Jobs({ folder, store: new JobStore(folder.root), clock, log, random });
  assertRecipient(config);
  const backups = new Backups({
    ...{ database, folder, jobs, random },
    retention: { keep: config.SERVER_TOOLS_BACKUP_KEEP, days: config.SERVER_TOOLS_BACKUP_KEEP_DAYS },
    recipient: config.SERVER_TOOLS_BACKUP_RECIPIENT,
    identity: await identityOf(config),
    nowMs: () => clock.nowMs(),
    toolVersion: serverToolsContract.version,
  });
  return { folder, jobs, backups };
}

function createDiagnostics(
  { config, adapters, clock }: Options,
  database: BackupDatabase,
  watch: ClockWatch,
) {
  return new Diagnostics({
    installation: new Installation({
      profiles: listOf(config.SERVER_TOOLS_PROFILES),
      places: placesOf(config, database),
      controlPort: config.TOR_CONTROL_PORT,
    }),
    ...{ database, watch },
    nowMs: () => clock.nowMs(),
    redisUrl: config.REDIS_URL,
    tor: {
      password: config.TOR_CONTROL_PASSWORD,
      onion: config.SERVER_TOOLS_ONION,
      onionTimeoutMs: ONION_TIMEOUT_MS,
    },
    volumes: [...new Set([config.SERVER_TOOLS_BACKUP_DIR, ...listOf(config.SERVER_TOOLS_VOLUMES)])],
    timeoutMs: config.SERVER_TOOLS_PROBE_TIMEOUT_MS,
    resolve: adapters.resolve ?? createNameResolver(),
    readVolume: adapters.readVolume ?? readVolume,
  });
}

export async function createContext(options: Options) {
  const { config, adapters, clock, log } = options;
  const database = openDatabase(config);
  const watch = new ClockWatch({
    nowMs: () => clock.nowMs(),
    steadyMs: adapters.steadyMs ?? (() => performance.now()),
    toleranceMs: TOLERATED_MS,
  });
  const diagnostics = createDiagnostics(options, database, watch);
  const { folder, jobs, backups } = await createBackups(options, database);
  return {
    ...{ backups, database, diagnostics, folder, jobs },
    workers: [
      createDailyBackup({ backups, jobs, hour: config.SERVER_TOOLS_BACKUP_HOUR, clock, log }),
      createClockWatcher({ watch, clock, log }),
    ],
    close: async () => {
      await jobs.close();
      await database.close();
    },
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
