/**
 * The data folder: where it is, what lies where, and whether it is one of ours.
 *
 *     lucid.json   format of the folder      documents/  embedded document store
 *     keys/        secret keys, mode 0600    ledger/     the ledger's key-value store
 *     sessions/    evidence                  run/        lock and sockets of a running host
 *     seen/        newest checkpoints seen      chain/     genesis and state of the chain
 */
import {
  accessSync,
  constants,
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
import { plainReason } from '../cli/plain-reason.ts';

const MARK = 'lucid.json';
const FOLDER_FORMAT = 1;

export interface Home {
  readonly root: string;
  readonly keys: string;
  readonly sessions: string;
  readonly documents: string;
  readonly ledger: string;
  readonly chain: string;
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
  chain: join(root, 'chain'),
  run: join(root, 'run'),
  seen: join(root, 'seen'),
});

/**
 * Where the finished evidence of a session of this data folder lies: always beside the others, whatever path was noted when it was
 * written, so that the folder can be moved.
 */
export const evidencePath = (home: Home, sessionId: string): string =>
  join(home.sessions, `${sessionId}.lucid`);

/** A session with its evidence where it lies now. Of services that are `apart` it may not have been taken out yet. */
export function located<T extends { readonly sessionId: string; readonly bundle?: string }>(
  { home, apart }: { readonly home: Home; readonly apart?: unknown },
  session: T,
): T {
  const { bundle, ...rest } = session;
  const path = evidencePath(home, session.sessionId);
  if (apart === undefined) return bundle === undefined ? session : { ...session, bundle: path };
  return (existsSync(path) ? { ...rest, bundle: path } : rest) as T;
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** The CliError of a data folder of which the system does not let us use a part. */
export function unusable(root: string, error: unknown, part = root): CliError {
  const advice: Readonly<Record<string, string>> = {
    EACCES: 'Look at its owner and permissions',
    EPERM: 'Look at its owner and permissions',
    ENOSPC: 'Free some room',
    EDQUOT: 'Free some room',
  };
  const first = advice[codeOf(error) ?? ''];
  return new CliError(
    'data_folder_unusable',
    `the data folder ${root} cannot be used: ${part === root ? '' : `${part}: `}${plainReason(error)}. ${first ? `${first}, or name` : 'Name'} another with LUCID_HOME.`,
    { cause: error },
  );
}

/** Text of lucid.json; null where there is none. Throws CliError where that cannot be said. */
function readMark(root: string): string | null {
  try {
    return readFileSync(join(root, MARK), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw unusable(root, error);
  }
}

function formatOf(mark: string, root: string): unknown {
  try {
    const value: unknown = JSON.parse(mark);
    if (typeof value === 'object' && value !== null) return (value as { format?: unknown }).format;
    throw new Error('it holds no object');
  } catch (error) {
    throw new CliError(
      'data_folder_damaged',
      `${join(root, MARK)} does not say what it should: the data folder ${root} is damaged. Restore it from a backup, or name another with LUCID_HOME; finished evidence in ${join(root, 'sessions')} can be checked with: lucid verify FILE`,
      { cause: error },
    );
  }
}

function assertFormat(mark: string, root: string): void {
  const format = formatOf(mark, root);
  if (format === FOLDER_FORMAT) return;
  throw new CliError(
    'data_folder_damaged',
    `${root} has format ${String(format)}, this program knows format ${FOLDER_FORMAT}. Use the version of Lucid that wrote it.`,
  );
}

/** Throws CliError where a folder without lucid.json holds anything: it is somebody else's. */
function assertEmpty(root: string): void {
  let names: string[];
  try {
    names = readdirSync(root);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw unusable(root, error);
  }
  // Another first start may be about to put its lucid.json in place, or has done so by now.
  if (names.includes(MARK) || names.every((name) => name.startsWith(`${MARK}.`))) return;
  throw new CliError(
    'data_folder_damaged',
    `${root} holds files but no ${MARK}, so it is no data folder of Lucid. Name an empty or new folder with LUCID_HOME.`,
  );
}

const partsOf = ({ keys, sessions, documents, ledger, chain, run, seen }: Home): readonly string[] => [
  keys,
  sessions,
  documents,
  ledger,
  chain,
  run,
  seen,
];

/** Throws CliError where this user may not read, or write, the folder or a part of it that is there. */
export function assertUsable(home: Home, use: 'read' | 'write'): void {
  const mode = constants.R_OK | constants.X_OK | (use === 'write' ? constants.W_OK : 0);
  for (const part of [home.root, ...partsOf(home)]) {
    try {
      const stat = statSync(part, { throwIfNoEntry: false });
      if (stat && !stat.isDirectory()) throw new Error('it is not a folder');
      if (stat) accessSync(part, mode);
    } catch (error) {
      throw unusable(home.root, error, part);
    }
  }
}

/** The data folder, null where there is none; makes nothing. Throws CliError where there is one that cannot be used. */
export function findHome(env: Environment): Home | null {
  const root = homePath(env);
  const mark = readMark(root);
  if (mark === null) return null;
  assertFormat(mark, root);
  const home = layoutOf(root);
  assertUsable(home, 'read');
  return home;
}

/** As `findHome`, for what makes no sense without a data folder. Throws CliError data_folder_missing besides. */
export function requireHome(env: Environment): Home {
  const home = findHome(env);
  if (home) return home;
  const root = homePath(env);
  assertEmpty(root);
  throw new CliError(
    'data_folder_missing',
    `there is no data folder at ${root}. The first lucid record, seal or up makes it; name another with LUCID_HOME.`,
  );
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
    if (codeOf(error) === 'EEXIST') return;
    throw codeOf(error) === 'ENOENT' ? new Error(`${parent} takes no folders`, { cause: error }) : error;
  }
}

function writeMark(path: string): void {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify({ format: FOLDER_FORMAT })}\n`, { mode: 0o600 });
  renameSync(aside, path);
}

/** Opens the data folder, making it (mode 0700) and its parts where they are not yet. Throws CliError where it cannot be used. */
export function openHome(env: Environment): Home {
  const root = homePath(env);
  const mark = readMark(root);
  if (mark === null) assertEmpty(root);
  else assertFormat(mark, root);
  const home = layoutOf(root);
  try {
    makeFolder(root);
    // First of all: a folder that holds anything without it is not taken for ours.
    if (mark === null) writeMark(join(root, MARK));
    for (const folder of partsOf(home)) makeFolder(folder);
  } catch (error) {
    throw unusable(root, error);
  }
  assertUsable(home, 'write');
  return home;
}
