/**
 * A service's Fastify instance: routes from its contract, problems for every failure, one log line a request.
 * Built here, listening elsewhere. Hosts import this module only when they serve HTTP.
 */
import type { RequestListener } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { SignedInAccount } from '../auth/access-tokens.ts';
import { errorSpecOf, toProblem } from '../dispatcher.ts';
import type { Instance } from '../instance.ts';
import { kitErrors, ProblemError, problemDocument, problemMediaType } from '../problem.ts';
import { acceptRequestId, requestIdHeader } from '../request-id.ts';
import { leftStatus } from '../request-log.ts';
import { problemOfServerError, rawProblem } from './fastify-errors.ts';
import { createFrontServer, type FrontHost } from './front.ts';
import { addOperations, notStored } from './operation-routes.ts';
import { createRequestMetrics, type RequestMetrics } from './request-metrics.ts';
import { StreamSender } from './stream-sender.ts';
import { addSystemRoutes } from './system-routes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    operationName: string;
    caller: string;
    account: SignedInAccount | undefined;
    failure: ProblemError | undefined;
    /** The call under way, once its body was read. */
    running: { leave(): void } | undefined;
    startedAtMs: number;
  }
}

/** Headers that do not fit are refused by Node with 431. */
const maxHeaderBytes = 16 * 1024;
/** Time in which a request must have arrived whole. */
const requestTimeoutMs = 60_000;

export interface HttpServer {
  readonly app: FastifyInstance;
  /** It speaks TLS. */
  readonly secure: boolean;
  /** Refuses new requests, waits for those running. */
  close(): Promise<void>;
  /** Cuts the answers that are being sent as streams. */
  abort(): void;
}

export async function createHttpServer(instance: Instance): Promise<HttpServer> {
  const metrics = createRequestMetrics(instance.service, instance.metrics);
  let routes: RequestListener = () => {};
  const front = instance.openFront(
    frontHost(instance, metrics, (request, response) => routes(request, response)),
  );
  const app = fastify({
    ...(front && {
      serverFactory: (handler: RequestListener) => {
        routes = handler;
        return createFrontServer(front);
      },
    }),
    logger: false,
    bodyLimit: 1024 * 1024,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 30_000,
    http: { maxHeaderSize: maxHeaderBytes, headersTimeout: 15_000 },
    genReqId: (request) => acceptRequestId(request.headers[requestIdHeader]),
    requestIdHeader: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 512 },
    // Addresses that cannot be decoded: no hook has run yet.
    frameworkErrors: (error, request, reply) => {
      addHeaders(request, reply);
      answerProblem(instance, error, request, reply);
    },
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(rawProblem(error));
    },
  });
  let closing = false;
  const streams = new StreamSender();
  app.decorateRequest('operationName', 'unmatched');
  app.decorateRequest('caller', '');
  app.decorateRequest('account', undefined);
  app.decorateRequest('failure', undefined);
  app.decorateRequest('running', undefined);
  app.decorateRequest('startedAtMs', 0);
  const refusal = () => new ProblemError('unavailable', { detail: 'The service is stopping.' });
  app.addHook('onRequest', (request, reply, done) => {
    observe(request, reply, { instance, metrics });
    if (closing) done(refusal());
    else done();
  });
  // Connections that were busy when the stop began would else stay open until their keep-alive ends.
  app.addHook('onSend', (request, reply, payload, done) => {
    addHeaders(request, reply);
    if (closing && request.raw.httpVersionMajor < 2) reply.header('connection', 'close');
    done(null, payload);
  });
  app.setErrorHandler((error, request, reply) => answerProblem(instance, error, request, reply));
  addOperations(app, {
    instance,
    isClosing: () => closing,
    streams,
    answerProblem: (error, request, reply) => answerProblem(instance, error, request, reply),
  });
  addSystemRoutes(app, instance, metrics);
  await app.ready();
  return {
    app,
    secure: front?.server.tls !== undefined,
    async close() {
      closing = true;
      streams.endEndless();
      instance.dispatcher.endWaiting();
      await front?.close();
      await app.close();
    },
    abort: () => streams.abort(),
  };
}

/** Requests that a front answers itself are counted and logged as all others. */
const frontHost = (instance: Instance, metrics: RequestMetrics, routes: RequestListener): FrontHost => ({
  routes: (request, response) => routes(request as never, response as never),
  started: () => metrics.started(),
  finished(line) {
    metrics.finished(line.operation, line.status, line.durationMs / 1000);
    instance.logRequest(line);
  },
});

/** Counts the request, and writes its line when the response was sent or its connection was lost. */
function observe(
  request: FastifyRequest,
  reply: FastifyReply,
  { instance, metrics }: { instance: Instance; metrics: RequestMetrics },
): void {
  metrics.started();
  request.startedAtMs = performance.now();
  const { raw } = reply;
  raw.on('close', () => {
    const left = !raw.writableFinished;
    if (left) request.running?.leave();
    const durationMs = performance.now() - request.startedAtMs;
    const status = left ? leftStatus : raw.statusCode;
    metrics.finished(request.operationName, status, durationMs / 1000);
    instance.logRequest({
      operation: request.operationName,
      method: request.method,
      requestId: request.id,
      caller: request.caller,
      account: request.account?.address,
      status,
      durationMs,
      failure: request.failure,
    });
  });
}

function addHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.header(requestIdHeader, request.id);
  reply.header('cache-control', notStored);
  reply.header('x-content-type-options', 'nosniff');
}

function answerProblem(
  instance: Instance,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (reply.sent || reply.raw.destroyed) {
    request.failure ??= error instanceof ProblemError ? error : undefined;
    return;
  }
  const { contract } = instance.definition;
  const spec = contract.operations[request.operationName];
  const problem = toProblem(problemOfServerError(error), contract, spec);
  const entry = errorSpecOf(contract, spec, problem.code) ?? kitErrors.internal;
  request.failure = problem;
  const retryAfterMs = problem.extensions.retryAfterMs;
  if (typeof retryAfterMs === 'number') reply.header('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  if (entry.status === 401) reply.header('www-authenticate', 'Bearer');
  reply
    .code(entry.status)
    .type(problemMediaType)
    .send(JSON.stringify(problemDocument({ problem, spec: entry, requestId: request.id })));
}
