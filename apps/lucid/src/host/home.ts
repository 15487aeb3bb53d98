/**
 * The data folder: where it is, what lies where, and whether it is one of ours.
 *
 *     lucid.json   format of the folder      documents/  embedded document store
 *     keys/        secret keys, mode 0600    ledger/     the ledger's key-value store
 *     sessions/    evidence                  run/        lock and sockets of a running host
 *     seen/        newest checkpoints seen, against roll-back
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { CliError } from '../cli/cli-error.ts';

const FOLDER_FORMAT = 1;

export interface Home {
  readonly root: string;
  readonly keys: string;
  readonly sessions: string;
  readonly documents: string;
  readonly ledger: string;
  readonly run: string;
  readonly seen: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** LUCID_HOME, else the XDG data folder (basedir-spec: XDG_DATA_HOME, default ~/.local/share). */
export function homePath(env: Environment): string {
  if (env.LUCID_HOME) return resolve(env.LUCID_HOME);
  return join(env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local/share'), 'lucid');
}

export const layoutOf = (root: string): Home => ({
  root,
  keys: join(root, 'keys'),
  sessions: join(root, 'sessions'),
  documents: join(root, 'documents'),
  ledger: join(root, 'ledger'),
  run: join(root, 'run'),
  seen: join(root, 'seen'),
});

function readFormat(path: string, root: string): unknown {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { format?: unknown }).format;
  } catch (error) {
    throw new CliError(
      'data_folder_damaged',
      `${path} cannot be read: the data folder ${root} is damaged. Restore it from a backup, or name another with LUCID_HOME; finished evidence in ${join(root, 'sessions')} can be checked with: lucid verify FILE`,
      { cause: error },
    );
  }
}

function assertOurs(root: string): void {
  const path = join(root, 'lucid.json');
  if (!existsSync(path)) {
    // Another first start may be about to put its lucid.json in place.
    if (readdirSync(root).every((name) => name.startsWith('lucid.json.'))) return;
    throw new CliError(
      'data_folder_damaged',
      `${root} holds files but no lucid.json, so it is no data folder of Lucid. Name an empty or new folder with LUCID_HOME.`,
    );
  }
  const format = readFormat(path, root);
  if (format !== FOLDER_FORMAT) {
    throw new CliError(
      'data_folder_damaged',
      `${root} has format ${String(format)}, this program knows format ${FOLDER_FORMAT}. Use the version of Lucid that wrote it.`,
    );
  }
}

/** Like `mkdir -p`; Node's own runs for ever where the parent is there and takes no folders, as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error(`${path} is not a folder`);
    return;
  }
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function writeFormat(path: string): void {
  if (existsSync(path)) return;
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify({ format: FOLDER_FORMAT })}\n`, { mode: 0o600 });
  renameSync(aside, path);
}

/** Opens the data folder, making it (mode 0700) where it is not yet. Throws CliError where it cannot be used. */
export function openHome(env: Environment): Home {
  const root = homePath(env);
  try {
    makeFolder(root);
  } catch (error) {
    throw new CliError(
      'data_folder_unusable',
      `the data folder ${root} cannot be made: ${(error as Error).message}. Name another with LUCID_HOME.`,
      { cause: error },
    );
  }
  assertOurs(root);
  const home = layoutOf(root);
  try {
    // First of all: a folder that holds anything without it is not taken for ours.
    writeFormat(join(root, 'lucid.json'));
    for (const folder of [home.keys, home.sessions, home.documents, home.ledger, home.run, home.seen])
      makeFolder(folder);
  } catch (error) {
    throw new CliError(
      'data_folder_unusable',
      `the data folder ${root} cannot be written: ${(error as Error).message}. Free some room or name another with LUCID_HOME.`,
      { cause: error },
    );
  }
  return home;
}
