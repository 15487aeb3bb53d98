/** What `seal` reads from: a regular file, or anything that is read to its end. */
import { closeSync, createReadStream, fstatSync, openSync, realpathSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { CliError } from '../cli/cli-error.ts';
import { plainReason } from '../cli/plain-reason.ts';

export interface SealSource {
  readonly fd: number;
  /** Null for what is read to its end: a pipe, a device. */
  readonly sizeBytes: number | null;
  /** Absolute; null for what is no regular file. */
  readonly path: string | null;
  readonly name: string;
  /** The same as a stream; used instead of `fd`, not besides. */
  stream(): Readable;
  /** How a file is no longer what it was when it was opened; null for what is read to its end. */
  change(): SourceChange | null;
  close(): unknown;
}

export type SourceChange = 'grew' | 'written';

const STDIN_FD = 0;

function standardInput(stdin: NodeJS.ReadStream): SealSource {
  return {
    fd: STDIN_FD,
    sizeBytes: null,
    path: null,
    name: 'standard input',
    stream: () => stdin,
    change: () => null,
    close: () => {},
  };
}

function openNamed(path: string, fd: number, stat: Stats): SealSource {
  if (stat.isFIFO()) return pipeSource(path, fd);
  // A file without blocks on a disk may be made as it is read (proc, sysfs): its size says nothing.
  const sized = stat.isFile() && stat.blocks > 0;
  return {
    fd,
    sizeBytes: sized ? stat.size : null,
    path: sized ? realpathSync(path) : null,
    name: basename(path),
    change: () => (sized ? changeSince(stat, fd) : null),
    stream: () => createReadStream('', { fd, autoClose: false }),
    close: () => closeSync(fd),
  };
}

/**
 * A named pipe, made not to block as Node does with standard input, so that a worker which waits for bytes notices a stop. The
 * descriptor stays the one that waited for the writer: one opened anew after the writer has gone never tells of the end
 * (Linux, fs/pipe.c: no POLLHUP before a writer comes).
 */
function pipeSource(path: string, fd: number): SealSource {
  const options = { fd, readable: true, writable: false, manualStart: true };
  const socket = new Socket(options);
  return {
    fd,
    sizeBytes: null,
    path: null,
    name: basename(path),
    stream: () => socket,
    change: () => null,
    close: () => socket.destroy(),
  };
}

function changeSince({ size, mtimeMs }: Stats, fd: number): SourceChange | null {
  const now = fstatSync(fd);
  if (now.size > size) return 'grew';
  return now.mtimeMs === mtimeMs ? null : 'written';
}

/** Opens a path, or `-` for standard input. Throws CliError source_unreadable. */
export function openSealSource(source: string, process: { readonly stdin: NodeJS.ReadStream }): SealSource {
  // Node opens standard input at its first mention, here, and sets a pipe, socket or terminal to not block; it reads later.
  if (source === '-') return standardInput(process.stdin);
  try {
    const fd = openSync(source, 'r');
    const stat = fstatSync(fd);
    if (stat.isDirectory()) {
      closeSync(fd);
      throw new Error(`it is a folder; seal an archive of it: tar -c ${source} | lucid seal -`);
    }
    return openNamed(source, fd, stat);
  } catch (error) {
    throw new CliError('source_unreadable', `${source} cannot be read: ${plainReason(error)}`, {
      cause: error,
    });
  }
}
