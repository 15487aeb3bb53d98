/** Serves an application to CometBFT over a socket (its `abci = "socket"`). */
import { createServer, type Server, type Socket } from 'node:net';
import type { AbciApplication } from './application.ts';
import { AbciError } from './error.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import { decodeRequest, encodeException, encodeResponse } from './messages.ts';

export interface AbciServerOptions {
  readonly application: AbciApplication;
  /** Path of a Unix socket in a folder that only its user may enter, or a port of the loopback interface (0: any). */
  readonly listen: { readonly path: string } | { readonly port: number };
  /** Told why a request was answered with an exception, or a connection was closed. */
  readonly onFault: (error: unknown) => void;
  /** Largest message that is taken; default 64 MiB. A block's transactions and a snapshot's chunk are the largest. */
  readonly maxMessageSizeBytes?: number;
}

export interface AbciServer {
  /** As CometBFT's `proxy_app` names it: `unix://…` or `tcp://127.0.0.1:…`. */
  readonly address: string;
  /** Closes all connections, and waits for requests that are being answered. */
  close(): Promise<void>;
}

const defaultMaxMessageSizeBytes = 64 * 1024 * 1024;
/** Why not more: the text is for the log of CometBFT alone. */
const maxExceptionLength = 1_000;

const exceptionOf = (error: unknown): Uint8Array =>
  encodeException((error instanceof Error ? error.message : String(error)).slice(0, maxExceptionLength));

async function answer({ application, onFault }: AbciServerOptions, message: Uint8Array): Promise<Uint8Array> {
  try {
    const { kind, value } = decodeRequest(message);
    if (kind === 'echo') return encodeResponse('echo', { message: value.message });
    if (kind === 'flush') return encodeResponse('flush', {});
    // The kind chose method, request and answer alike, which the type of a union cannot say.
    const method = application[kind] as (request: unknown) => Promise<never>;
    return encodeResponse(kind, await method.call(application, value));
  } catch (error) {
    onFault(error);
    return exceptionOf(error);
  }
}

/** Answers the requests of one connection in their order, until it ends or sends what is no frame. */
async function serve(socket: Socket, options: AbciServerOptions): Promise<void> {
  const reader = new FrameReader(options.maxMessageSizeBytes ?? defaultMaxMessageSizeBytes);
  try {
    for await (const part of socket.iterator({ destroyOnReturn: false })) {
      const answers: Uint8Array[] = [];
      for (const message of reader.push(part as Uint8Array))
        answers.push(encodeFrame(await answer(options, message)));
      if (answers.length > 0 && !socket.write(Buffer.concat(answers)))
        await new Promise<void>((resolve) => {
          socket.once('drain', resolve).once('close', resolve);
        });
    }
    socket.end();
  } catch (error) {
    options.onFault(error);
    // Of a connection that broke nothing is left to be answered.
    if (error instanceof AbciError) socket.resume().end(encodeFrame(exceptionOf(error)));
    else socket.destroy();
  }
}

const listening = (server: Server, listen: AbciServerOptions['listen']): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(
      'path' in listen ? { path: listen.path } : { port: listen.port, host: '127.0.0.1' },
      resolve,
    );
  });

/** Rejects where the address cannot be listened on. */
export async function startAbciServer(options: AbciServerOptions): Promise<AbciServer> {
  const served = new Map<Socket, Promise<void>>();
  const server = createServer({ noDelay: true }, (socket) => {
    const done = serve(socket, options).finally(() => served.delete(socket));
    served.set(socket, done);
  });
  await listening(server, options.listen);
  const address = server.address();
  return {
    address:
      typeof address === 'object' && address !== null
        ? `tcp://127.0.0.1:${address.port}`
        : `unix://${String(address)}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of served.keys()) socket.destroy();
      await Promise.all(served.values());
      await closed;
    },
  };
}
