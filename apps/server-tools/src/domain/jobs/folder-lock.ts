/**
 * One job at a time works on a backup folder, whichever process or container does it. Each that wants to listens on a socket of its
 * own in the folder and only then looks whether another's answers; if so it steps back. Of two that come at once at least one
 * sees the other. A socket whose owner was killed refuses: whoever finds it removes it, at once, and no clock is asked.
 * All owners must run on one kernel: a folder on a network file system is not guarded.
 */
import { once } from 'node:events';
import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { problem } from '../../problem.ts';

export interface FolderLock {
  release(): Promise<void>;
}

const NAME = /^\.lock-[0-9a-f]{8}$/;
/** sun_path of unix(7) has 108 bytes with its end. */
const MAX_PATH_BYTES = 107;

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: nobody listens there any more. Not found: it is gone. Anything else is no proof of that.
    socket.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    );
  });
}

/** Whether another than `own` has the folder; removes what the dead left. */
async function hasOther(folder: string, own?: string): Promise<boolean> {
  let found = false;
  for (const name of await readdir(folder)) {
    if (!NAME.test(name) || name === own) continue;
    if (await answers(join(folder, name))) found = true;
    else await rm(join(folder, name), { force: true });
  }
  return found;
}

/** It gets its name when it listens: until then it would look like that of a dead owner. */
async function listenAt(path: string, folder: string, suffix: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  const aside = join(folder, `.bind-${suffix}`);
  server.listen(aside);
  await once(server, 'listening');
  server.unref();
  await chmod(aside, 0o600);
  await rename(aside, path);
  return server;
}

const close = async (server: Server, path: string): Promise<void> => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await rm(path, { force: true });
};

/** Null where another process works there. `random` tells owners apart. */
export async function takeFolderLock(folder: string, random: Uint8Array): Promise<FolderLock | null> {
  const suffix = Buffer.from(random).toString('hex');
  const name = `.lock-${suffix}`;
  const path = join(folder, name);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw problem('folder_unusable', {
      detail: `${folder} is too long a path for a socket; name a shorter one.`,
    });
  if (await hasOther(folder)) return null;
  const server = await listenAt(path, folder, suffix);
  if (await hasOther(folder, name)) {
    await close(server, path);
    return null;
  }
  return { release: () => close(server, path) };
}

export const isFolderTaken = (folder: string): Promise<boolean> => hasOther(folder);
