/** A gateway in a test stack, small real services behind it, and raw sockets in front of it. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { GatewayRoute, PublicOperation } from '@lucid/contracts';
import type { Clock, HttpTarget } from '@lucid/service-kit';
import {
  createTestAccounts,
  startTestStack,
  type TestAccounts,
  type TestStack,
} from '@lucid/service-kit/testing';
import type { Adapters } from '../src/context.ts';
import { apiGateway } from '../src/service.ts';

export interface Upstream {
  readonly target: HttpTarget;
  readonly server: Server;
  /** Requests seen. */
  readonly seen: IncomingMessage[];
  close(): Promise<void>;
}

export async function startUpstream(listener: RequestListener, port = 0): Promise<Upstream> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    target: { origin: `http://127.0.0.1:${address.port}` },
    server,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Gateway {
  readonly stack: TestStack;
  readonly accounts: TestAccounts;
  readonly origin: string;
  readonly port: number;
  fetch(path: string, init?: RequestInit & { token?: string | null }): Promise<Response>;
  /** Sends bytes as they are; resolves to all that came back, when the other side closed or `idleMs` passed silently after bytes. */
  raw(bytes: string | Buffer, options?: RawOptions): Promise<string>;
  close(): Promise<void>;
}

export interface RawOptions {
  readonly localAddress?: string;
  readonly host?: string;
}

export interface GatewayOptions {
  readonly targets: Readonly<Record<string, HttpTarget | null>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly routes?: readonly GatewayRoute[];
  readonly open?: readonly PublicOperation[];
  readonly adapters?: Partial<Adapters>;
  readonly clock?: Clock;
  readonly accounts?: TestAccounts;
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const accounts = options.accounts ?? createTestAccounts(options.clock);
  const adapters = {
    targetOf: (service: string) => options.targets[service] ?? null,
    ...(options.routes ? { routes: options.routes } : {}),
    ...(options.open ? { open: options.open } : {}),
    ...options.adapters,
  };
  const stack = await startTestStack({
    definitions: [apiGateway],
    accounts: accounts.accounts,
    environment: { GATEWAY_TLS: 'off', ...options.environment },
    adapters: { 'api-gateway': adapters },
    ...(options.clock ? { clock: options.clock } : {}),
  });
  const { origin } = stack.targetOf('api-gateway') as HttpTarget;
  const port = Number(new URL(origin).port);
  const token = accounts.token({ sub: 'TDefault' });
  return {
    stack,
    accounts,
    origin,
    port,
    fetch: (path, { token: given = token, headers, ...init } = {}) =>
      fetch(origin + path, {
        ...init,
        headers: { ...(given === null ? {} : { authorization: `Bearer ${given}` }), ...(headers as object) },
      }),
    raw: (bytes, rawOptions) => raw(port, bytes, rawOptions),
    close: () => stack.close(),
  };
}

/** The other side has to close: ask with `Connection: close`, or something that is refused. */
function raw(port: number, bytes: string | Buffer, options: RawOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = open(port, options);
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

export const open = (port: number, { host = '127.0.0.1', localAddress }: RawOptions = {}): Socket =>
  connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) });

export const echo: RequestListener = (request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const { method, url, rawHeaders } = request;
    const body = Buffer.concat(parts).toString('latin1');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method, url, rawHeaders, body }));
  });
};
