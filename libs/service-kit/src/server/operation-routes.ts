/**
 * One Fastify route for each operation of the contract. Success is written straight to Node's response, from headers that are
 * known before the first request; failures go through Fastify's reply.
 */
import { type ByteStream, isOctets, isStream, type OperationSpec } from '@lucid/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { defaultDeadlineMs } from '../client/client.ts';
import type { Principal } from '../dispatch/guard.ts';
import type { AnswerListener } from '../dispatcher.ts';
import type { Instance } from '../instance.ts';
import { JsonText } from '../json-text.ts';
import { ProblemError } from '../problem.ts';
import {
  acceptDeadlineMs,
  deadlineHeader,
  idempotencyKeyHeader,
  requestIdHeader,
  traceHeader,
} from '../request-id.ts';
import { textReader } from '../validation.ts';
import { entityTagOf, namesEntityTag } from './entity-tag.ts';
import type { StreamSender } from './stream-sender.ts';

const jsonMediaType = 'application/json';
const jsonBodyMaxBytes = 1024 * 1024;
const noBytes = new Uint8Array(0);
export const notStored = 'no-store';

export interface OperationServer {
  readonly instance: Instance;
  /** Connections end with their answer while it is true. */
  isClosing(): boolean;
  readonly streams: StreamSender;
  answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void;
}

export function addOperations(app: FastifyInstance, server: OperationServer): void {
  const { contract } = server.instance.definition;
  const operations = Object.entries<OperationSpec>(contract.operations);
  addParsers(
    app,
    operations.map(([, spec]) => spec),
  );
  for (const [operation, spec] of operations) {
    const assertMediaType = mediaTypeJudge(spec);
    app.route({
      method: spec.etag ? [spec.method, 'HEAD'] : spec.method,
      url: contract.basePath + spec.path,
      bodyLimit: isOctets(spec.body) ? Math.max(1, spec.body.maxBytes) : jsonBodyMaxBytes,
      // Before the body is read: who may not call costs us no memory.
      onRequest: (request, _reply, done) => {
        request.operationName = operation;
        const go = ({ caller, account }: Principal) => {
          request.caller = caller;
          request.account = account;
          assertMediaType(request.headers['content-type']);
        };
        try {
          const principal = server.instance.dispatcher.authorise(operation, request.headers.authorization);
          if (principal instanceof Promise) {
            principal.then(go).then(() => done(), done);
            return;
          }
          go(principal);
        } catch (error) {
          done(error as Error);
          return;
        }
        done();
      },
      handler: operationHandler(server, operation, spec),
    });
  }
}

function addParsers(app: FastifyInstance, specs: readonly OperationSpec[]): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(jsonMediaType, { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  const octetTypes = specs.flatMap(({ body }) => (isOctets(body) ? [body.mediaType] : []));
  for (const mediaType of new Set(octetTypes)) {
    app.addContentTypeParser(mediaType, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  }
}

function mediaTypeJudge(spec: OperationSpec): (given: string | undefined) => void {
  if (!spec.body) return () => {};
  const expected = isOctets(spec.body) ? spec.body.mediaType : jsonMediaType;
  return (given) => {
    if (given === expected || given?.split(';')[0]?.trim().toLowerCase() === expected) return;
    throw new ProblemError('unsupported_media_type', { detail: `The body must be ${expected}.` });
  };
}

function operationHandler(server: OperationServer, operation: string, spec: OperationSpec) {
  const { dispatcher } = server.instance;
  const readParams = spec.params && textReader(spec.params);
  const readQuery = spec.query && textReader(spec.query);
  const queryOf = queryReader(spec);
  const bodyless = isOctets(spec.body) ? noBytes : undefined;
  const ownDeadlineMs = spec.deadlineMs ?? defaultDeadlineMs;
  const send = outputSender(server, spec);
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const { headers } = request;
    const listener: AnswerListener = {
      answered: (output, call) => send(output, call.mayBeStored, request, reply),
      failed: (problem) => server.answerProblem(problem, request, reply),
    };
    request.running = dispatcher.start(
      {
        operation,
        caller: request.caller,
        account: request.account,
        requestId: request.id,
        deadlineMs: acceptDeadlineMs(headers[deadlineHeader], ownDeadlineMs),
        traceparent: headers[traceHeader]?.toString(),
        input: {
          params: readParams?.(request.params as Record<string, unknown>),
          query: readQuery?.(queryOf(request)),
          body: request.body ?? bodyless,
        },
      },
      listener,
    );
  };
}

/** Members of queries that are read from a header, too. */
const headersOfQuery = [
  /** Server-sent events: a browser that connects again sends nothing else. An empty one says that nothing was received. */
  { name: 'lastEventId', header: 'last-event-id', emptyIsNone: true },
  { name: 'idempotencyKey', header: idempotencyKeyHeader, emptyIsNone: false },
] as const;

/** The query as it was sent, with what its operation knows of headers; where both are there, the header counts. */
function queryReader({ query }: OperationSpec): (request: FastifyRequest) => Record<string, unknown> {
  const known = headersOfQuery.filter(({ name }) => query && name in query.properties);
  if (known.length === 0) return ({ query: given }) => given as Record<string, unknown>;
  return ({ query: given, headers }) => {
    const read = { ...(given as Record<string, unknown>) };
    for (const { name, header, emptyIsNone } of known) {
      const value = headers[header];
      if (value !== undefined && !(value === '' && emptyIsNone)) read[name] = value;
    }
    return read;
  };
}

/** Writes what a handler answered. */
function outputSender(server: OperationServer, spec: OperationSpec) {
  const { response } = spec;
  if (isStream(response)) return streamSender(server, spec, response);
  const status = spec.status ?? (response ? 200 : 204);
  const mediaType = isOctets(response) ? response.mediaType : `${jsonMediaType}; charset=utf-8`;
  const typed = response ? ['content-type', mediaType] : [];
  const own = Object.entries(spec.headers ?? {}).flat();
  const always = ['x-content-type-options', 'nosniff', ...own, 'cache-control'];
  const stored = [...always, spec.cacheControl ?? notStored];
  const unstored = [...always, notStored];
  return (output: unknown, mayBeStored: boolean, request: FastifyRequest, reply: FastifyReply): void => {
    let body: string | Uint8Array | undefined;
    try {
      body = response && encode(output, isOctets(response));
    } catch (error) {
      // Not JSON, or no bytes: the handler's fault.
      server.answerProblem(error, request, reply);
      return;
    }
    const { raw } = reply;
    reply.hijack();
    if (raw.destroyed || raw.writableEnded) return;
    const headers = [requestIdHeader, request.id, ...(mayBeStored ? stored : unstored)];
    if (server.isClosing()) headers.push('connection', 'close');
    const tag = spec.etag && body !== undefined ? entityTagOf(body) : undefined;
    if (tag !== undefined) headers.push('etag', tag);
    if (tag !== undefined && namesEntityTag(request.headers['if-none-match'], tag)) {
      raw.writeHead(304, headers).end();
      return;
    }
    headers.push(...typed);
    if (body !== undefined) headers.push('content-length', String(Buffer.byteLength(body)));
    raw.writeHead(status, headers);
    // Node sends no body to HEAD.
    raw.end(body);
  };
}

/** Writes what a handler answered as a stream. */
function streamSender(
  server: OperationServer,
  spec: OperationSpec,
  { mediaType, endless, stallMs }: { mediaType: string; endless?: boolean; stallMs?: number },
) {
  const own = Object.entries(spec.headers ?? {}).flat();
  const always = [
    'x-content-type-options',
    'nosniff',
    ...own,
    'cache-control',
    notStored,
    'content-type',
    mediaType,
  ];
  return (output: unknown, _mayBeStored: boolean, request: FastifyRequest, reply: FastifyReply): void => {
    const given = output as ByteStream;
    const { raw } = reply;
    reply.hijack();
    const headers = [requestIdHeader, request.id, ...always];
    if (given.sizeBytes !== undefined) headers.push('content-length', String(given.sizeBytes));
    if (given.fileName !== undefined)
      headers.push(
        'content-disposition',
        `attachment; filename="${given.fileName.replace(/[^A-Za-z0-9._-]/g, '_')}"`,
      );
    if (server.isClosing() || endless) headers.push('connection', 'close');
    raw.writeHead(spec.status ?? 200, headers);
    raw.flushHeaders();
    const onFailure = (error: unknown) => {
      server.instance.log.error(
        { operation: request.operationName, requestId: request.id, err: error },
        'answer broke off',
      );
    };
    const leave = endless ? () => request.running?.leave() : undefined;
    void server.streams.send(raw, given, { leave, stallMs, onFailure });
  };
}

function encode(output: unknown, asBytes: boolean): string | Uint8Array | undefined {
  if (!asBytes) return output instanceof JsonText ? output.text : (JSON.stringify(output) ?? '');
  if (!(output instanceof Uint8Array)) throw new TypeError('handler must answer bytes');
  return output;
}
