/** One Fastify route for each operation of the contract. */
import { isOctets, type OperationSpec } from '@lucid/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { defaultDeadlineMs } from '../client/client.ts';
import type { Instance } from '../instance.ts';
import { ProblemError } from '../problem.ts';
import { acceptDeadlineMs, deadlineHeader, traceHeader } from '../request-id.ts';
import { coerceTexts } from '../validation.ts';

const jsonMediaType = 'application/json';
const jsonBodyMaxBytes = 1024 * 1024;

export function addOperations(app: FastifyInstance, instance: Instance): void {
  const { contract } = instance.definition;
  const operations = Object.entries<OperationSpec>(contract.operations);
  addParsers(
    app,
    operations.map(([, spec]) => spec),
  );
  for (const [operation, spec] of operations) {
    app.route({
      method: spec.method,
      url: contract.basePath + spec.path,
      bodyLimit: isOctets(spec.body) ? Math.max(1, spec.body.maxBytes) : jsonBodyMaxBytes,
      // Before the body is read: who may not call costs us no memory.
      onRequest: async (request) => {
        request.operationName = operation;
        request.caller = instance.dispatcher.authorise(operation, request.headers.authorization);
        assertMediaType(spec, request);
      },
      handler: (request, reply) => answer(instance, operation, spec, request, reply),
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

function assertMediaType(spec: OperationSpec, request: FastifyRequest): void {
  if (!spec.body) return;
  const expected = isOctets(spec.body) ? spec.body.mediaType : jsonMediaType;
  const given = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (given === expected) return;
  throw new ProblemError('unsupported_media_type', { detail: `The body must be ${expected}.` });
}

async function answer(
  instance: Instance,
  operation: string,
  spec: OperationSpec,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const leaving = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) leaving.abort();
  });
  const output = await instance.dispatcher.run({
    operation,
    caller: request.caller,
    requestId: request.id,
    deadlineMs: acceptDeadlineMs(request.headers[deadlineHeader], spec.deadlineMs ?? defaultDeadlineMs),
    signal: leaving.signal,
    traceparent: request.headers[traceHeader]?.toString(),
    input: {
      params: spec.params && coerceTexts(spec.params, request.params as Record<string, unknown>),
      query: spec.query && coerceTexts(spec.query, request.query as Record<string, unknown>),
      body: isOctets(spec.body) ? (request.body ?? new Uint8Array(0)) : request.body,
    },
  });
  return sendOutput(spec, output, reply);
}

function sendOutput(spec: OperationSpec, output: unknown, reply: FastifyReply): FastifyReply {
  if (!spec.response) return reply.code(spec.status ?? 204).send();
  reply.code(spec.status ?? 200);
  if (!isOctets(spec.response))
    return reply.type(`${jsonMediaType}; charset=utf-8`).send(JSON.stringify(output));
  const bytes = output as Uint8Array;
  return reply
    .type(spec.response.mediaType)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
