/** What `seal` reads from: a regular file, or anything that is read to its end. */
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { Socket } from 'node:net';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { CliError } from '../cli/cli-error.ts';

export interface SealSource {
  readonly fd: number;
  /** Null for what is read to its end: a pipe, a device. */
  readonly sizeBytes: number | null;
  /** Absolute; null for what is no regular file. */
  readonly path: string | null;
  readonly name: string;
  /** The same as a stream; used instead of `fd`, not besides. */
  stream(): Readable;
  close(): unknown;
}

const STDIN_FD = 0;

/**
 * The same pipe by a descriptor that does not block, so that a worker which waits for bytes notices a stop. Where the system has
 * no such way the given one is used, and a stop waits for the next byte.
 */
function openWithoutBlocking(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return fd;
  }
}

function standardInput(stdin: NodeJS.ReadStream): SealSource {
  return {
    fd: STDIN_FD,
    sizeBytes: null,
    path: null,
    name: 'standard input',
    stream: () => stdin,
    close: () => {},
  };
}

function openNamed(path: string, fd: number, stat: Stats): SealSource {
  if (stat.isFIFO() || stat.isSocket()) return pipeSource(path, fd);
  return {
    fd,
    sizeBytes: stat.isFile() ? stat.size : null,
    path: stat.isFile() ? realpathSync(path) : null,
    name: basename(path),
    stream: () => createReadStream('', { fd, autoClose: false }),
    close: () => closeSync(fd),
  };
}

function pipeSource(path: string, given: number): SealSource {
  const fd = openWithoutBlocking(given);
  if (fd !== given) closeSync(given);
  let socket: Socket | null = null;
  return {
    fd,
    sizeBytes: null,
    path: null,
    name: basename(path),
    stream() {
      socket = new Socket({ fd, readable: true, writable: false });
      return socket;
    },
    close: () => (socket ? socket.destroy() : closeSync(fd)),
  };
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
    throw new CliError('source_unreadable', `${source} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
