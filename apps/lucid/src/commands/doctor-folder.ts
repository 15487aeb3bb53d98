/** The data folder: is it ours, can it be written, is there room, are the keys there and private. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { isSealedIdentityFile, parseIdentityFile } from '@lucid/recipients';
import { PREAMBLE_BYTES, parsePreamble } from '@lucid/session-format';
import { sizeText } from '@lucid/verifier';
import { CliError } from '../cli/cli-error.ts';
import { countText } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { assertUsable, type Home, unusable } from '../host/home.ts';
import {
  ownerIdentityPath,
  readRecipients,
  readSigningKey,
  recoveryIdentityPath,
  signingKeyPath,
} from '../host/node-keys.ts';
import { type Check, fail, judgeClock, ok, warn } from './doctor-machine.ts';

/** Its name says to `doctor` that the folder could not be checked. */
export const FOLDER = 'data folder';
const LITTLE_ROOM_BYTES = 1024 ** 3;
const NO_ROOM_BYTES = 64 * 1024 ** 2;
const SLOW_FSYNC_MS = 100;
const FSYNC_TRIES = 5;
const OTHERS_MASK = 0o077;
/** Not `.part`: one that is just being made may still be empty. */
const EVIDENCE_FILE = /^[0-9a-f]{64}\.lucid$/;

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
      ? fail('disk', `${sizeText(free)} free: recordings will stop`, 'Free some room.')
      : free < LITTLE_ROOM_BYTES
        ? warn('disk', `${sizeText(free)} free`, 'Free some room before a long recording.')
        : ok('disk', `${sizeText(free)} free`);
  try {
    assertUsable(home, 'write');
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
      {
        name: FOLDER,
        status: 'fail',
        text: plainReason(error instanceof CliError ? error : unusable(home.root, error)),
      },
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
  const path = signingKeyPath(home, role);
  const name = `${role} key`;
  try {
    const { verifierKey } = readSigningKey(path);
    return privacyOf(path) ?? ok(name, verifierKey);
  } catch (error) {
    return fail(name, plainReason(error), 'Until then nothing can be recorded here.');
  }
}

function checkRecipients(home: Home): Check[] {
  try {
    readRecipients(home);
    return [];
  } catch (error) {
    return [fail('recipients', plainReason(error), 'Until then nothing can be recorded here.')];
  }
}

function missingIdentity(path: string, role: 'owner' | 'recovery'): Check {
  const name = `${role} key`;
  return role === 'recovery'
    ? ok(name, 'not here, as it should be; have it somewhere safe')
    : warn(
        name,
        `${basename(path)} is not here: sessions can be recorded, but not opened on this machine`,
        'Name it with --identity FILE where it is needed.',
      );
}

async function checkIdentity(path: string, role: 'owner' | 'recovery'): Promise<Check> {
  const name = `${role} key`;
  let sealed: boolean;
  try {
    const bytes = new Uint8Array(readFileSync(path));
    sealed = isSealedIdentityFile(bytes);
    if (!sealed) await parseIdentityFile(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return missingIdentity(path, role);
    return fail(name, `${path} cannot be used: ${plainReason(error)}`, 'Restore it from a backup.');
  }
  const open = privacyOf(path);
  if (open) return open;
  const how = sealed ? ', with a passphrase' : '';
  return role === 'recovery'
    ? warn(
        name,
        `${path}${how} lies beside the owner key`,
        'Move it to another place: one lost disk must not take both.',
      )
    : ok(name, `${path}${how}`);
}

/** What cannot be looked into tells no time. */
function timesIn(folder: string): number[] {
  try {
    return readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs);
  } catch {
    return [];
  }
}

function newestMs(home: Home): number | null {
  const times = [home.sessions, home.ledger, home.documents].flatMap(timesIn);
  return times.length === 0 ? null : Math.max(...times);
}

/** The session that a file's first bytes name; null where they name none. */
function sessionIn(path: string): string | null {
  const fd = openSync(path, 'r');
  try {
    const bytes = new Uint8Array(PREAMBLE_BYTES);
    const preamble = parsePreamble(bytes.subarray(0, readSync(fd, bytes)));
    return preamble.ok ? preamble.value.sessionId : null;
  } finally {
    closeSync(fd);
  }
}

/** Each evidence file must begin as that of the session it is named after. Whether it is whole is for `verify` to say. */
export function checkEvidenceNames(sessions: string): Check[] {
  const name = 'file names';
  if (!existsSync(sessions)) return [];
  const files = readdirSync(sessions).filter((file) => EVIDENCE_FILE.test(file));
  const wrong = files.flatMap((file): Check[] => {
    const path = join(sessions, file);
    try {
      const found = sessionIn(path);
      if (found === file.slice(0, 64)) return [];
      return [
        found === null
          ? fail(name, `${path} does not begin as evidence`, `See what is left: lucid verify ${path}`)
          : fail(
              name,
              `${path} is the evidence of session ${found}`,
              'Give it back its name, or restore it.',
            ),
      ];
    } catch (error) {
      return [fail(name, `${path} cannot be read: ${plainReason(error)}`, 'Restore it from a copy.')];
    }
  });
  return wrong.length > 0
    ? wrong
    : [ok(name, `${countText(files.length, 'evidence file')}, each of the session it is named after`)];
}

export async function checkFolder(home: Home): Promise<Check[]> {
  return [
    ok(FOLDER, home.root),
    ...checkDisk(home),
    checkSigningKey(home, 'recorder'),
    checkSigningKey(home, 'ledger'),
    await checkIdentity(ownerIdentityPath(home), 'owner'),
    await checkIdentity(recoveryIdentityPath(home), 'recovery'),
    ...checkRecipients(home),
    ...checkEvidenceNames(home.sessions),
    judgeClock(Date.now(), newestMs(home)),
  ];
}

/** Where there is no data folder, or none that can be used, little is left to look at. */
export const checkNoFolder = ({ message }: CliError): Check[] => [
  { name: FOLDER, status: 'fail', text: message },
  judgeClock(Date.now(), null),
];
