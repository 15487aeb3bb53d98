/** One connection: to the proxy, through it to the target, and encrypted where that is wanted. */
import { connect as connectTcp, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { EgressError } from './egress-error.ts';
import type { ProxyPlace } from './proxy-url.ts';
import { connectBySocks } from './socks5.ts';
import type { Target } from './target.ts';

export interface TunnelOptions {
  readonly proxy: ProxyPlace;
  readonly user: string;
  readonly password: string;
  readonly target: Target;
  readonly signal: AbortSignal;
}

/**
 * A paused socket that leads to the target. `onOpen` is told of the socket before it is connected.
 *
 * @throws EgressError, or the signal's reason
 */
export async function openTunnel(options: TunnelOptions, onOpen: (socket: Socket) => void): Promise<Socket> {
  const { proxy, user, password, target, signal } = options;
  signal.throwIfAborted();
  const socket = connectTcp({ host: proxy.host, port: proxy.port });
  onOpen(socket);
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    await connected(socket);
    socket.setNoDelay(true);
    await connectBySocks(socket, { user, password, ...target });
    // Nobody who takes the socket now would hear of an end that it has had already.
    if (socket.readableEnded || socket.destroyed) throw new EgressError('answer_broken');
    return socket;
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const connected = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    // It stays: a socket that nobody listens to must not end the process.
    socket.on('error', (cause) =>
      reject(cause instanceof EgressError ? cause : new EgressError('proxy_unreachable', { cause })),
    );
  });

/** The socket encrypted, to who proves to be the host. @throws EgressError; the socket is closed then */
export const encrypted = (
  connector: buildConnector.connector,
  asked: buildConnector.Options,
  socket: Socket,
): Promise<Socket> =>
  new Promise((resolve, reject) => {
    connector({ ...asked, httpSocket: socket }, (error, secure) => {
      if (!error) return resolve(secure as Socket);
      socket.destroy();
      const late = (error as { code?: string }).code === 'UND_ERR_CONNECT_TIMEOUT';
      if (error instanceof EgressError) reject(error);
      else reject(new EgressError(late ? 'timed_out' : 'tls_failed', { cause: error }));
    });
  });
