/** server-tools whose names resolve to nothing unless a test says otherwise, and servers on loopback to point it at. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import type { Clock } from '@lucid/service-kit';
import { startTools, type Tools } from './world.ts';

export interface Listening {
  readonly port: number;
  readonly url: string;
  /** Connections so far. */
  connections(): number;
  stop(): Promise<void>;
}

const listening = async (server: Server | ReturnType<typeof createTcpServer>): Promise<Listening> => {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    connections: () => connections,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

export const serveHttp = (handler: RequestListener): Promise<Listening> => listening(createServer(handler));
export const serveTcp = (behave: (socket: Socket) => void): Promise<Listening> =>
  listening(createTcpServer(behave));

/** What a service of the kit answers. */
export const kitHandler =
  (
    options: {
      readonly timestampMs?: () => number;
      readonly down?: readonly string[];
      readonly ready?: number;
    } = {},
  ): RequestListener =>
  (request, response) => {
    const { timestampMs = Date.now, down = [], ready = down.length > 0 ? 503 : 200 } = options;
    const dependencies = Object.fromEntries(down.map((name) => [name, { status: 'down', latencyMs: 1 }]));
    const body =
      request.url === '/health'
        ? { status: 'up', service: 'x', version: '1', timestamp: new Date(timestampMs()).toISOString() }
        : { status: ready === 200 ? 'ready' : 'unready', dependencies };
    response.statusCode = request.url === '/health' ? 200 : ready;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  };

export const unknownName = (name: string): never => {
  throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
};

export interface DiagnosticsOptions {
  readonly environment?: Record<string, string>;
  readonly resolve?: (name: string) => readonly string[];
  readonly adapters?: Record<string, unknown>;
  readonly clock?: Clock;
  readonly folder: string;
}

/** Names resolve as `resolve` says; addresses to themselves. Its document store is nobody unless the environment says otherwise. */
export function startDiagnostics(options: DiagnosticsOptions): Promise<Tools> {
  const { resolve = unknownName, environment, adapters, clock, folder } = options;
  return startTools({
    url: 'mongodb://127.0.0.1:1/d',
    folder,
    environment: {
      SERVER_TOOLS_STORE_TIMEOUT_MS: '200',
      SERVER_TOOLS_PROBE_TIMEOUT_MS: '1000',
      ...environment,
    },
    adapters: {
      resolve: async (name: string) => (/^[0-9.:]+$/.test(name) ? [name] : resolve(name)),
      ...adapters,
    },
    ...(clock ? { clock } : {}),
  });
}
