/** Makes a service's server listen on a port or on a Unix socket in a private folder. */
import { chmod, mkdir, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import type { HttpTarget } from '../client/http-transport.ts';
import type { HttpServer } from '../server/http-server.ts';

/** sun_path of Linux holds 108 bytes with its final zero; macOS 104. */
const socketPathMaxBytes = 103;

export type ListenPlace = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** Resolves to the address by which clients reach it. @throws Error with a code (`EADDRINUSE`, `ENAMETOOLONG`…) */
export async function listen(server: HttpServer, place: ListenPlace): Promise<HttpTarget> {
  if ('socketPath' in place) {
    await prepareSocket(place.socketPath);
    await server.app.listen({ path: place.socketPath });
    await chmod(place.socketPath, 0o600);
    return { origin: 'http://localhost', socketPath: place.socketPath };
  }
  const { origin } = new URL(await server.app.listen({ host: place.host, port: place.port }));
  return { origin: server.secure ? origin.replace(/^http:/, 'https:') : origin };
}

async function prepareSocket(socketPath: string): Promise<void> {
  if (Buffer.byteLength(socketPath) > socketPathMaxBytes) {
    const message = `socket path is longer than ${socketPathMaxBytes} bytes: choose a shorter folder for sockets`;
    throw Object.assign(new Error(message), { code: 'ENAMETOOLONG' });
  }
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
  if (await answers(socketPath)) {
    const message = 'another process already listens on this socket; stop it first';
    throw Object.assign(new Error(message), { code: 'EADDRINUSE' });
  }
  await unlink(socketPath).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** A socket file that nobody answers was left by a process that was killed. */
const answers = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
