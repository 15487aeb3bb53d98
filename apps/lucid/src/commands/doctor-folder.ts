/** The data folder: is it ours, can it be written, is there room, are the keys there and private. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { isSealedIdentityFile, parseIdentityFile } from '@lucid/recipients';
import { formatBytes } from '../cli/output.ts';
import { type Home, homePath } from '../host/home.ts';
import {
  ownerIdentityPath,
  readSigningKey,
  recipientsPath,
  recoveryIdentityPath,
} from '../host/node-keys.ts';
import { type Check, fail, judgeClock, ok, warn } from './doctor-machine.ts';

const LITTLE_ROOM_BYTES = 1024 ** 3;
const NO_ROOM_BYTES = 64 * 1024 ** 2;
const SLOW_FSYNC_MS = 100;
const FSYNC_TRIES = 5;
const OTHERS_MASK = 0o077;

function checkFormat(home: Home): Check {
  const path = join(home.root, 'lucid.json');
  try {
    const { format } = JSON.parse(readFileSync(path, 'utf8')) as { format?: unknown };
    if (format === 1) return ok('data folder', `${home.root}, format 1`);
    return fail(
      'data folder',
      `${home.root} has format ${String(format)}`,
      'Use the version of Lucid that wrote it.',
    );
  } catch (error) {
    return fail(
      'data folder',
      `${path} cannot be read: ${(error as Error).message}`,
      'Restore the folder from a backup, or name another with LUCID_HOME.',
    );
  }
}

/** Median milliseconds to get 4 KiB safely onto the disk. */
function measureFsync(folder: string): number {
  const path = join(folder, `.doctor-${process.pid}`);
  const fd = openSync(path, 'wx', 0o600);
  try {
    const times = Array.from({ length: FSYNC_TRIES }, () => {
      const started = performance.now();
      writeSync(fd, new Uint8Array(4096));
      fsyncSync(fd);
      return performance.now() - started;
    }).sort((a, b) => a - b);
    return times[Math.floor(FSYNC_TRIES / 2)] ?? 0;
  } finally {
    closeSync(fd);
    rmSync(path, { force: true });
  }
}

function checkDisk(home: Home): Check[] {
  const { bavail, bsize } = statfsSync(home.root);
  const free = bavail * bsize;
  const room =
    free < NO_ROOM_BYTES
      ? fail('disk', `${formatBytes(free)} free: recordings will stop`, 'Free some room.')
      : free < LITTLE_ROOM_BYTES
        ? warn('disk', `${formatBytes(free)} free`, 'Free some room before a long recording.')
        : ok('disk', `${formatBytes(free)} free`);
  try {
    const ms = measureFsync(home.root);
    const text = `a durable write takes ${ms.toFixed(1)} ms`;
    return [
      room,
      ms > SLOW_FSYNC_MS
        ? warn(
            'disk speed',
            text,
            'Each batch of a recording waits for this; put the data folder on a faster disk.',
          )
        : ok('disk speed', text),
    ];
  } catch (error) {
    return [
      room,
      fail(
        'disk',
        `${home.root} cannot be written: ${(error as Error).message}`,
        'Make it writable for this user.',
      ),
    ];
  }
}

function privacyOf(path: string): Check | null {
  const mode = statSync(path).mode & 0o777;
  return (mode & OTHERS_MASK) === 0
    ? null
    : fail(
        'keys',
        `${path} can be read by others (mode ${mode.toString(8)})`,
        `chmod 600 ${path}; who could read it may have it`,
      );
}

function checkSigningKey(home: Home, role: 'recorder' | 'ledger'): Check {
  const path = join(home.keys, `${role}.key`);
  const name = `${role} key`;
  if (!existsSync(path))
    return fail(
      name,
      `${path} is missing`,
      'Restore it from a backup. Without it this node signs under a new name from now on.',
    );
  try {
    return privacyOf(path) ?? ok(name, readSigningKey(path).verifierKey);
  } catch (error) {
    return fail(name, (error as Error).message, 'Restore it from a backup.');
  }
}

async function checkIdentity(path: string, role: 'owner' | 'recovery'): Promise<Check> {
  const name = `${role} key`;
  if (!existsSync(path))
    return role === 'recovery'
      ? ok(name, 'not here, as it should be; have it somewhere safe')
      : warn(
          name,
          `${basename(path)} is not here: sessions can be recorded, but not opened on this machine`,
          'Name it with --identity FILE where it is needed.',
        );
  try {
    const bytes = new Uint8Array(readFileSync(path));
    if (isSealedIdentityFile(bytes)) return privacyOf(path) ?? ok(name, `${path}, with a passphrase`);
    await parseIdentityFile(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    return fail(name, `${path} cannot be used: ${(error as Error).message}`, 'Restore it from a backup.');
  }
  const open = privacyOf(path);
  if (open) return open;
  return role === 'recovery'
    ? warn(
        name,
        `${path} lies beside the owner key`,
        'Move it to another place: one lost disk must not take both.',
      )
    : ok(name, path);
}

const newestMs = (home: Home): number | null => {
  const paths = [home.sessions, home.ledger, home.documents].filter((path) => existsSync(path));
  const times = paths.flatMap((folder) =>
    readdirSync(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );
  return times.length === 0 ? null : Math.max(...times);
};

export async function checkFolder(env: NodeJS.ProcessEnv, home: Home | null): Promise<Check[]> {
  if (!home) {
    const root = homePath(env);
    const strange = existsSync(root) && statSync(root).isDirectory() && readdirSync(root).length > 0;
    return [
      strange
        ? fail(
            'data folder',
            `${root} holds files but no lucid.json`,
            'Name an empty or new folder with LUCID_HOME.',
          )
        : ok('data folder', `${root}, not made yet; the first recording makes it and its keys`),
      judgeClock(Date.now(), null),
    ];
  }
  const recipients = existsSync(recipientsPath(home))
    ? []
    : [
        fail(
          'recipients',
          `${recipientsPath(home)} is missing`,
          'Restore it from a backup: it lists the public keys that sessions are encrypted to.',
        ),
      ];
  return [
    checkFormat(home),
    ...checkDisk(home),
    checkSigningKey(home, 'recorder'),
    checkSigningKey(home, 'ledger'),
    await checkIdentity(ownerIdentityPath(home), 'owner'),
    await checkIdentity(recoveryIdentityPath(home), 'recovery'),
    ...recipients,
    judgeClock(Date.now(), newestMs(home)),
  ];
}
