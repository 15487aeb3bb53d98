/** The newest checkpoint seen of each session, kept in the data folder against roll-back and split view. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseCheckpoint, parseNote } from '@lucid/checkpoint';
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';
import type { Home } from '../host/home.ts';

const MAX_NOTE_BYTES = 1_000_000;

export const checkpointPath = (home: Home, sessionId: string): string =>
  join(home.seen, `${sessionId}.checkpoint`);

/** A checkpoint file that the user names. @throws CliError source_unreadable, usage */
export function readCheckpointFile(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError('source_unreadable', `the checkpoint ${path} cannot be read: ${plainReason(error)}.`, {
      cause: error,
    });
  }
  if (text.length <= MAX_NOTE_BYTES) return text;
  throw new CliError('usage', `${path} is too large for a checkpoint.`);
}

const sizeOf = (note: string): number => parseCheckpoint(parseNote(note).text).size;

/** Null where none was seen. @throws CliError data_folder_damaged, source_unreadable */
export function recallCheckpoint(home: Home, sessionId: string): string | null {
  const path = checkpointPath(home, sessionId);
  if (!existsSync(path)) return null;
  const note = readCheckpointFile(path);
  try {
    sizeOf(note);
    return note;
  } catch (error) {
    throw new CliError(
      'data_folder_damaged',
      `${path}, the checkpoint remembered of this session, is damaged. Restore it from a backup, or delete it to forget what was seen.`,
      { cause: error },
    );
  }
}

/** Keeps a verified checkpoint where it is newer than the one kept. A folder that cannot be written is no reason to fail. */
export function rememberCheckpoint(home: Home, sessionId: string, checkpoint: string): boolean {
  const path = checkpointPath(home, sessionId);
  try {
    if (existsSync(path) && sizeOf(readFileSync(path, 'utf8')) >= sizeOf(checkpoint)) return true;
    mkdirSync(home.seen, { recursive: true, mode: 0o700 });
    const draft = `${path}.${process.pid}.new`;
    const fd = openSync(draft, 'w', 0o600);
    writeSync(fd, checkpoint);
    fsyncSync(fd);
    closeSync(fd);
    renameSync(draft, path);
    return true;
  } catch {
    return false;
  }
}
