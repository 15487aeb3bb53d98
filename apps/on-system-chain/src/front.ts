/**
 * What stands before the routes of the contract: JSON-RPC at the root of the address, over HTTP and WebSocket, as Ethereum's
 * clients expect it of any node. Requests that are refused before JSON-RPC begins get a status and a line of text, as from geth.
 */
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  acceptRequestId,
  type Front,
  type FrontHost,
  type RawRequest,
  type RawResponse,
  requestIdHeader,
} from '@lucid/service-kit';
import { Admission, wordsOf } from './admission.ts';
import type { Context } from './context.ts';
import { maxBodyBytes, readBody } from './request-body.ts';
import { SocketServer } from './websocket/socket-server.ts';

const mediaTypes = new Set(['application/json', 'application/json-rpc', 'application/jsonrequest']);
const isRoot = (url = ''): boolean => url === '/' || url.startsWith('/?');

interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly headers?: OutgoingHttpHeaders;
}

const invalidHost: Refusal = {
  status: 403,
  text: 'This node is not called by this name. CHAIN_RPC_HOSTS takes more names.',
};
const invalidOrigin: Refusal = {
  status: 403,
  text: 'Pages of this origin may not call this node. CHAIN_RPC_ORIGINS takes some.',
};
const onlyPost: Refusal = {
  status: 405,
  text: 'This is JSON-RPC of Ethereum: POST a request here, or open a WebSocket.',
  headers: { allow: 'POST, OPTIONS' },
};
const notJson: Refusal = { status: 415, text: 'A request is application/json.' };
const tooLarge: Refusal = { status: 413, text: `A request has at most ${maxBodyBytes} bytes.` };

export function createRpcFront(context: Context, host: FrontHost): Front {
  return new RpcFront(context, host);
}

class RpcFront implements Front {
  readonly server: Front['server'];
  readonly #context: Context;
  readonly #host: FrontHost;
  readonly #admission: Admission;
  readonly #sockets: SocketServer;

  constructor(context: Context, host: FrontHost) {
    const { config, rpc, log } = context;
    this.#context = context;
    this.#host = host;
    this.#admission = new Admission({
      hosts: wordsOf(config.CHAIN_RPC_HOSTS),
      origins: wordsOf(config.CHAIN_RPC_ORIGINS),
    });
    this.#sockets = new SocketServer({ rpc, log, random: context.node.random });
    this.server = {
      maxHeaderBytes: 16 * 1024,
      headersTimeoutMs: 15_000,
      requestTimeoutMs: 60_000,
      keepAliveTimeoutMs: 120_000,
      maxConnections: config.CHAIN_RPC_CONNECTIONS,
    };
  }

  request(request: RawRequest, response: RawResponse): void {
    if (!isRoot(request.url) && this.#admission.admitsHost(request.headers)) {
      this.#host.routes(request, response);
      return;
    }
    const startedAtMs = performance.now();
    this.#host.started();
    response.on('close', () =>
      this.#host.finished({
        operation: 'rpc',
        method: request.method === 'POST' ? 'POST' : 'OTHER',
        requestId: acceptRequestId(request.headers[requestIdHeader]),
        caller: '',
        status: response.writableFinished ? response.statusCode : 499,
        durationMs: performance.now() - startedAtMs,
      }),
    );
    const refusal = this.#refusalOf(request);
    if (refusal) this.#refuse(response, refusal);
    else if (request.method === 'OPTIONS') this.#preflight(request, response);
    else this.#serve(request, response);
  }

  #refusalOf({ method, headers }: RawRequest): Refusal | null {
    if (!this.#admission.admitsHost(headers)) return invalidHost;
    if (method === 'OPTIONS') {
      return headers.origin && this.#admission.admitsOrigin(headers.origin) ? null : invalidOrigin;
    }
    if (method !== 'POST') return onlyPost;
    const mediaType = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (!mediaTypes.has(mediaType)) return notJson;
    return Number(headers['content-length'] ?? 0) > maxBodyBytes ? tooLarge : null;
  }

  #preflight({ headers }: RawRequest, response: RawResponse): void {
    response.writeHead(204, {
      ...this.#admission.corsOf(headers),
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '600',
    });
    response.end();
  }

  #serve(request: RawRequest, response: RawResponse): void {
    if (request.headers.expect) response.writeContinue();
    readBody(request, (body) => {
      if (body === null) {
        this.#refuse(response, tooLarge);
        return;
      }
      const answer = this.#context.rpc.answerText(body);
      if (answer instanceof Promise) void answer.then((text) => this.#answer(request, response, text));
      else this.#answer(request, response, answer);
    });
  }

  /** Notifications alone get an empty answer. */
  #answer({ headers }: RawRequest, response: RawResponse, text: string | null): void {
    if (response.destroyed) return;
    const body = text ?? '';
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...this.#admission.corsOf(headers),
    });
    response.end(body);
  }

  #refuse(response: RawResponse, { status, text, headers = {} }: Refusal): void {
    if (response.headersSent) return;
    // What may follow in the body is not read.
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      connection: 'close',
      ...headers,
    });
    response.end(text);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refusal = this.#upgradeRefusalOf(request);
    if (!refusal) {
      this.#sockets.take(request, socket, head);
      return;
    }
    const { status, text } = refusal;
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    );
  }

  /** A program sends no origin; a browser always does. */
  #upgradeRefusalOf({ url, headers }: IncomingMessage): Refusal | null {
    if (!this.#admission.admitsHost(headers)) return invalidHost;
    const { origin } = headers;
    if (origin !== undefined && !this.#admission.admitsOrigin(origin)) return invalidOrigin;
    if (headers.upgrade?.toLowerCase() !== 'websocket')
      return { status: 400, text: 'Only a WebSocket can be upgraded to.' };
    return isRoot(url) ? null : { status: 404, text: 'WebSockets are opened at the root of the address.' };
  }

  close(): Promise<void> {
    return this.#sockets.close();
  }
}
