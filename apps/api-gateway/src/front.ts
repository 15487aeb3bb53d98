/** The door: every request comes here first, is judged, and goes on to its service, to the own routes, or back. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { gatewayLogout } from '@lucid/contracts';
import {
  type Front,
  type FrontHost,
  isProblem,
  ProblemError,
  type RawRequest,
  type RawResponse,
} from '@lucid/service-kit';
import type { Admission, Ask } from './access/admission.ts';
import type { Context } from './context.ts';
import { cutOff, writeProblem } from './forward/answers.ts';
import { Exchange } from './forward/exchange.ts';
import { linesOfGateway, linesOfPeer } from './forward/heads.ts';
import { answerOn, openTunnel } from './forward/tunnel.ts';
import type { Passage } from './housekeeping.ts';
import { problem, specOf } from './problem.ts';
import { RequestRecord } from './request-record.ts';
import {
  type Incoming,
  type JudgedLines,
  judgeIncoming,
  type LinesJudge,
  METHODS,
} from './requests/incoming.ts';
import type { Peer } from './requests/peers.ts';

/** The gateway's own, answered by the service kit. */
const OPERATOR_PATHS: ReadonlySet<string> = new Set(['/ready', '/metrics']);

interface Connection {
  readonly key: object;
  readonly peer: Peer;
  readonly secure: boolean;
  readonly judge: LinesJudge;
  /** Of its last request. */
  lines: JudgedLines | undefined;
}

/** What is known of one request on its way through. */
interface Transit {
  readonly connection: Connection;
  readonly record: RequestRecord;
  readonly admission: Admission;
  incoming: Incoming | undefined;
}

export function createGatewayFront(context: Context, host: FrontHost): Front {
  return new GatewayFront(context, host);
}

class GatewayFront implements Front {
  readonly server: Front['server'];
  readonly #context: Context;
  readonly #host: FrontHost;
  readonly #connections = new WeakMap<object, Connection>();
  #closing = false;

  constructor(context: Context, host: FrontHost) {
    const { config, tls } = context;
    this.#context = context;
    this.#host = host;
    this.server = {
      tls,
      maxHeaderBytes: config.GATEWAY_MAX_HEADER_BYTES,
      headersTimeoutMs: config.GATEWAY_HEADERS_TIMEOUT_MS,
      requestTimeoutMs: config.GATEWAY_REQUEST_TIMEOUT_MS,
      keepAliveTimeoutMs: config.GATEWAY_IDLE_TIMEOUT_MS,
      maxConnections: config.GATEWAY_MAX_CONNECTIONS,
    };
  }

  request(request: RawRequest, response: RawResponse): void {
    if (request.url === '/health' && request.method === 'GET') this.#host.routes(request, response);
    else void this.#serve(request, response);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    void this.#serveUpgrade(request, socket, head);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#context.passing.drain(this.#context.config.GATEWAY_DRAIN_MS);
  }

  async #serve(request: RawRequest, response: RawResponse): Promise<void> {
    const transit = this.#begin(request);
    try {
      const { incoming, ask } = this.#judge(transit, request);
      if (OPERATOR_PATHS.has(incoming.target.path)) {
        await this.#context.admissions.admitOperator(ask, transit.admission);
        this.#host.routes(request, response);
        return;
      }
      transit.record.watch(response);
      await this.#context.admissions.admit(ask, transit.admission);
      this.#forward(transit, incoming, request, response);
    } catch (error) {
      transit.record.watch(response);
      this.#refuse(transit, response, error);
    }
  }

  async #serveUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const transit = this.#begin(request);
    transit.record.watch(socket);
    const refuse = (error: unknown) => this.#refuse(transit, answerOn(request, socket), error);
    try {
      const { incoming, ask } = this.#judge(transit, request);
      if (incoming.lines.upgrade?.toLowerCase() !== 'websocket' || incoming.method !== 'GET')
        throw problem('invalid_request', { detail: 'Only a WebSocket can be upgraded to.' });
      await this.#context.admissions.admit(ask, transit.admission);
      if (socket.destroyed) return;
      this.#join(transit, incoming, { request, socket, head, refuse });
    } catch (error) {
      refuse(error);
    }
  }

  #begin(request: RawRequest): Transit {
    const connection = this.#connectionOf(request);
    const { method = '' } = request;
    const record = new RequestRecord(this.#host, METHODS.has(method) ? method : 'OTHER');
    return { connection, record, admission: record, incoming: undefined };
  }

  /** What needs nobody else's word. @throws ProblemError */
  #judge(transit: Transit, request: RawRequest): { incoming: Incoming; ask: Ask } {
    const { router } = this.#context;
    const { connection } = transit;
    const incoming = judgeIncoming(request, connection.judge, connection.lines);
    connection.lines = incoming.lines;
    transit.incoming = incoming;
    transit.record.requestId = incoming.requestId;
    if (this.#closing) throw problem('unavailable', { extensions: { retryAfterMs: 1_000 } });
    const { path } = incoming.target;
    const service = router.find(path)?.service ?? null;
    if (service !== null) transit.record.operation = service;
    const publicLimit = router.publicLimit(incoming.method, path);
    const { key, peer } = connection;
    return { incoming, ask: { lines: incoming.lines, peer, connection: key, service, publicLimit } };
  }

  #forward(transit: Transit, incoming: Incoming, request: RawRequest, response: RawResponse): void {
    if (response.destroyed) return;
    const { config, upstreams, passing } = this.#context;
    const { account } = transit.admission;
    const { service, path } = this.#placeOf(incoming);
    if ((incoming.lines.contentLength ?? 0) > config.GATEWAY_MAX_BODY_BYTES)
      throw problem('payload_too_large');
    const exchange = new Exchange({
      request,
      response,
      incoming,
      upstream: upstreams.enter(service),
      path,
      lines: [...incoming.lines.passed, 'x-request-id', incoming.requestId],
      answerLines: this.#answerLines(transit, incoming),
      maxBodyBytes: config.GATEWAY_MAX_BODY_BYTES,
      idleMs: config.GATEWAY_IDLE_TIMEOUT_MS,
      stallMs: config.GATEWAY_STALL_TIMEOUT_MS,
      account,
      onClosed: (each) => {
        passing.remove(each);
        if (account && isLogout(incoming) && response.statusCode < 300) this.#endSession(account.loginId);
      },
      onFailure: (failure) => this.#refuse(transit, response, failure),
    });
    passing.add(exchange);
    exchange.start();
  }

  #join(
    transit: Transit,
    incoming: Incoming,
    ends: { request: IncomingMessage; socket: Duplex; head: Buffer; refuse: (error: unknown) => void },
  ): void {
    const { request, socket, head, refuse } = ends;
    const { config, upstreams, passing } = this.#context;
    const { service, path } = this.#placeOf(incoming);
    const { target, tell } = upstreams.enter(service);
    const passage: Passage = {
      account: transit.admission.account,
      isEndless: true,
      cut: () => void socket.destroy(),
    };
    passing.add(passage);
    socket.once('close', () => passing.remove(passage));
    openTunnel({
      request,
      socket,
      head,
      target,
      path,
      lines: [...incoming.lines.passed, 'x-request-id', incoming.requestId],
      answerLines: this.#answerLines(transit, incoming),
      timeoutMs: config.GATEWAY_UPSTREAM_TIMEOUT_MS,
      tell,
      onAnswer: (status) => {
        transit.record.status = status;
      },
      onFailure: refuse,
    });
  }

  #endSession(loginId: string): void {
    const { places, log } = this.#context;
    places.endSession(loginId).catch((error) => log.warn({ err: error }, 'a session was not ended'));
  }

  /** @throws ProblemError not_found */
  #placeOf({ target }: Incoming): { service: string; path: string } {
    const route = this.#context.router.find(target.path);
    if (!route) throw problem('not_found');
    return { service: route.service, path: (route.forwardAs ?? target.path) + target.search };
  }

  #answerLines({ connection, admission }: Transit, { requestId }: Incoming): string[] {
    const lines = linesOfGateway(requestId, connection.secure);
    lines.push(...admission.headers);
    return lines;
  }

  #refuse(transit: Transit, response: RawResponse, error: unknown): void {
    const { record, incoming, admission, connection } = transit;
    const failure = isProblem(error) ? error : new ProblemError('internal', { cause: error });
    record.failure = failure;
    const { status } = specOf(failure);
    record.status = status;
    if (response.headersSent || response.destroyed) {
      cutOff(response);
      return;
    }
    const requestId = incoming?.requestId ?? record.requestId;
    const close =
      incoming === undefined ||
      incoming.hasBody ||
      admission.withoutPlace ||
      status === 408 ||
      status === 413;
    writeProblem(response, {
      problem: failure,
      requestId,
      secure: connection.secure,
      headers: admission.headers,
      close,
    });
  }

  #connectionOf(request: RawRequest): Connection {
    const key = ('stream' in request ? request.stream.session : request.socket) ?? request;
    const known = this.#connections.get(key);
    if (known) return known;
    const { peerOf, places, judgeHost } = this.#context;
    const secure = 'stream' in request || (request.socket as TLSSocket).encrypted === true;
    const peer = peerOf(request.socket.remoteAddress);
    const judge = { judgeHost, added: (host: string) => linesOfPeer(peer, secure, host) };
    const connection: Connection = { key, peer, secure, judge, lines: undefined };
    this.#connections.set(key, connection);
    places.opened(key, () => void (key as Duplex).destroy());
    (key as Duplex).once('close', () => void places.closed(key).catch(() => {}));
    return connection;
  }
}

const isLogout = ({ method, target }: Incoming): boolean =>
  method === gatewayLogout.method && target.path === gatewayLogout.path;
