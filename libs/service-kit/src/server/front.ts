/**
 * What a service may put before its routes: it sees every request first, raw, with the server's own options (TLS, HTTP/2,
 * timeouts). For a service that forwards what it does not answer itself; its routes still serve health, readiness and metrics.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { RequestLine } from '../request-log.ts';

/** Of HTTP/1.1, or of HTTP/2 in the shape that Node gives it for compatibility. */
export type RawRequest = IncomingMessage | Http2ServerRequest;
export type RawResponse = ServerResponse | Http2ServerResponse;

export interface FrontServerOptions {
  /** PEM. Present: TLS, with HTTP/2 and HTTP/1.1 by ALPN; absent: HTTP/1.1 in the clear. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** Larger is answered 431. */
  readonly maxHeaderBytes: number;
  /** Time for the header, from the opening of a connection or the end of its last request. */
  readonly headersTimeoutMs: number;
  /** Time for the whole request. */
  readonly requestTimeoutMs: number;
  /** How long a connection may be idle. */
  readonly keepAliveTimeoutMs: number;
  readonly maxConnections: number;
}

export interface Front {
  readonly server: FrontServerOptions;
  /** Answers it, or hands it to the service's routes. `Expect: 100-continue` is not answered yet. */
  request(request: RawRequest, response: RawResponse): void;
  /** Answers on the socket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes nothing new; resolves when what runs has ended, within a time of its own. */
  close(): Promise<void>;
}

/** What the kit offers to a front. */
export interface FrontHost {
  /** The service's own routes. */
  routes(request: RawRequest, response: RawResponse): void;
  /** Of a request that the front answers itself. */
  started(): void;
  finished(line: RequestLine): void;
}

/** How often Node looks for connections whose time is over. */
const checkEveryMs = (timeoutMs: number): number => Math.min(5_000, Math.max(50, timeoutMs / 4));

export function createFrontServer(front: Front): Server {
  const { tls, ...limits } = front.server;
  const shared = {
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: checkEveryMs(limits.headersTimeoutMs),
  };
  // A server of HTTP/2 with `allowHTTP1` speaks HTTP/1.1 as `http.Server` does; its type does not say so.
  const server = tls ? (createSecure(tls, limits, shared) as unknown as Server) : createPlain(shared);
  server.maxConnections = limits.maxConnections;
  const take = (request: IncomingMessage, response: ServerResponse) => front.request(request, response);
  server.on('request', take);
  server.on('checkContinue', take);
  server.on('checkExpectation', take);
  server.on('upgrade', (request, socket, head) => front.upgrade(request, socket, head));
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => socket.end(noTunnels));
  return server;
}

/** Node takes a connection on which nothing came yet for a busy one. */
function createPlain(shared: Readonly<Record<string, number>>): Server {
  const server = createServer(shared);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => track(sockets, socket));
  // Called at the stop, when the front has ended what ran.
  const closeIdleConnections = () => {
    for (const socket of sockets) socket.destroySoon();
  };
  return Object.assign(server, { closeIdleConnections });
}

function createSecure(
  tls: { readonly key: string; readonly cert: string },
  limits: Omit<FrontServerOptions, 'tls'>,
  shared: Readonly<Record<string, number>>,
) {
  const server = createSecureServer({
    ...tls,
    allowHTTP1: true,
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.headersTimeoutMs,
    settings: { maxConcurrentStreams: 128, maxHeaderListSize: limits.maxHeaderBytes },
    maxSessionMemory: 16,
    ...shared,
    http1Options: shared,
  } as Parameters<typeof createSecureServer>[0]);
  const sockets = new Set<TLSSocket>();
  const sessions = new Set<ServerHttp2Session>();
  server.on('secureConnection', (socket) => track(sockets, socket));
  server.on('session', (session) => {
    track(sessions, session);
    session.setTimeout(limits.keepAliveTimeoutMs, () => session.close());
  });
  // Called at the stop, when the front has ended what ran.
  const closeIdleConnections = () => {
    for (const session of sessions) session.close();
    for (const socket of sockets) if (socket.alpnProtocol !== 'h2') socket.destroySoon();
  };
  return Object.assign(server, { closeIdleConnections });
}

function track<T extends Socket | ServerHttp2Session>(open: Set<T>, each: T): void {
  open.add(each);
  (each as Socket).once('close', () => open.delete(each));
}

const noTunnels =
  'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD, PUT, POST, DELETE\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
