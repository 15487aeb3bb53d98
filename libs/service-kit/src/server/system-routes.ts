/** What every service answers besides its operations: health, readiness, metrics, OpenAPI, and "no such thing". */
import type { OperationSpec } from '@lucid/contracts';
import type { FastifyInstance } from 'fastify';
import type { Instance } from '../instance.ts';
import { openApiOf } from '../openapi.ts';
import { ProblemError } from '../problem.ts';
import type { RequestMetrics } from './request-metrics.ts';

const systemPaths = ['/health', '/ready', '/metrics', '/openapi.json'];

export function addSystemRoutes(app: FastifyInstance, instance: Instance, metrics: RequestMetrics): void {
  const { contract } = instance.definition;
  const get = (path: string, answer: () => Promise<{ status?: number; mediaType?: string; text: string }>) =>
    app.get(path, async (request, reply) => {
      request.operationName = path.slice(1);
      const { status = 200, mediaType = 'application/json; charset=utf-8', text } = await answer();
      return reply.code(status).type(mediaType).send(text);
    });
  get('/health', async () => ({ text: JSON.stringify(instance.health()) }));
  get('/ready', async () => {
    const readiness = await instance.ready();
    return { status: readiness.status === 'ready' ? 200 : 503, text: JSON.stringify(readiness) };
  });
  get('/metrics', () => metrics.render());
  get('/openapi.json', async () => ({ text: JSON.stringify(openApiOf(contract)) }));
  addNotFound(app, contract.basePath, Object.values(contract.operations));
}

function addNotFound(app: FastifyInstance, basePath: string, operations: readonly OperationSpec[]): void {
  const offered = [
    ...operations.map((spec) => ({
      method: spec.etag ? `${spec.method}, HEAD` : spec.method,
      segments: segmentsOf(basePath + spec.path),
    })),
    ...systemPaths.map((path) => ({ method: 'GET', segments: segmentsOf(path) })),
  ];
  app.setNotFoundHandler(async (request, reply) => {
    const segments = segmentsOf(request.url.split('?')[0] ?? '');
    const methods = offered.filter((each) => matches(each.segments, segments)).map((each) => each.method);
    if (methods.length === 0) throw new ProblemError('not_found');
    reply.header('allow', [...new Set(methods)].join(', '));
    throw new ProblemError('method_not_allowed');
  });
}

const segmentsOf = (path: string): string[] => path.split('/');

const matches = (pattern: readonly string[], segments: readonly string[]): boolean =>
  (pattern.at(-1) === '*' ? pattern.length <= segments.length : pattern.length === segments.length) &&
  pattern.every(
    (each, index) =>
      each === segments[index] || each === '*' || (each.startsWith(':') && segments[index] !== ''),
  );
