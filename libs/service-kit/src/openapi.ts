/** The OpenAPI 3.1 document of a contract. TypeBox schemas are JSON Schema already. */
import { type Answer, type ContractSpec, isOctets, isStream, type OperationSpec } from '@lucid/contracts';
import type { TObject } from 'typebox';
import { errorSpecOf } from './dispatcher.ts';
import { type kitErrors, problemMediaType } from './problem.ts';

type Json = Record<string, unknown>;

/** What a path's final `*` is called here: OpenAPI has no nameless parameters. Its value may hold slashes. */
const wildcardName = 'path';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Json;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: Json;
}

export function openApiOf(contract: ContractSpec): OpenApiDocument {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [operation, spec] of Object.entries<OperationSpec>(contract.operations)) {
    const path = (contract.basePath + spec.path)
      .replace(/:([A-Za-z0-9_]+)/g, '{$1}')
      .replace(/\*$/, `{${wildcardName}}`);
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: operationOf(contract, operation, spec) };
  }
  return {
    openapi: '3.1.0',
    info: { title: contract.service, version: contract.version, description: contract.summary },
    paths,
    components: {
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Access token of a signed-in account, or an API token (EdDSA JWT, RFC 9068).',
        },
        serviceToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'EdDSA JWT of at most 60 s that names caller (iss), service (aud) and operation (op).',
        },
      },
      schemas: { Problem: problemSchema },
    },
  };
}

const problemSchema = {
  type: 'object',
  description: 'RFC 9457 problem; the last part of `type` is its code.',
  required: ['type', 'title', 'status', 'instance'],
  properties: {
    type: { type: 'string', pattern: '^urn:lucid:problem:[a-z_]+$' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    faults: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'expected'],
        properties: { pointer: { type: 'string' }, expected: { type: 'string' } },
      },
    },
  },
};

function operationOf(contract: ContractSpec, operation: string, spec: OperationSpec): Json {
  const parameters = [
    ...parametersOf('path', spec.params),
    ...parametersOf('query', spec.query),
    ...(spec.etag ? [ifNoneMatch] : []),
    ...keyHeaderOf(spec.query),
  ];
  return {
    operationId: operation,
    summary: spec.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(spec.body ? { requestBody: { required: true, content: contentOf(spec.body) } } : {}),
    responses: responsesOf(contract, spec),
    security: securityOf(spec),
    'x-callers': spec.callers,
    ...(spec.permission ? { 'x-permission': spec.permission } : {}),
    'x-idempotent': spec.idempotent ?? spec.method !== 'POST',
  };
}

/** Any one of them is enough. */
function securityOf({ callers }: OperationSpec): Json[] {
  if (callers.includes('public')) return [{}];
  const byAccount = callers.includes('account') ? [{ accessToken: [] }] : [];
  return callers.length > byAccount.length ? [...byAccount, { serviceToken: [] }] : byAccount;
}

function parametersOf(place: 'path' | 'query', schema: TObject | undefined): Json[] {
  if (!schema) return [];
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties).map(([name, property]) => ({
    name: place === 'path' && name === '*' ? wildcardName : name,
    in: place,
    required:
      place === 'path' || (required.has(name) && (property as { default?: unknown }).default === undefined),
    schema: property,
  }));
}

/** The key may come in the header of that name as well as in the query. */
function keyHeaderOf(query: TObject | undefined): Json[] {
  const schema = query?.properties.idempotencyKey;
  return schema ? [{ name: 'Idempotency-Key', in: 'header', required: false, schema }] : [];
}

const ifNoneMatch = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'Entity tags that the caller has; HEAD is answered like GET, without a body.',
  schema: { type: 'string' },
};

const contentOf = (body: Answer): Json =>
  isStream(body)
    ? { [body.mediaType]: { schema: { type: 'string', format: 'binary' } } }
    : isOctets(body)
      ? { [body.mediaType]: { schema: { type: 'string', format: 'binary', maxLength: body.maxBytes } } }
      : { 'application/json': { schema: body } };

const cacheHeader = (value: string): Json => ({
  description: `\`${value}\`, or \`no-store\`.`,
  schema: { type: 'string' },
});

/** Headers of a success, for the operations that promise any. */
function headersOf(spec: OperationSpec): Json {
  const headers = {
    ...(spec.cacheControl ? { 'Cache-Control': cacheHeader(spec.cacheControl) } : {}),
    ...(spec.etag ? { ETag: { required: true, schema: { type: 'string' } } } : {}),
  };
  return Object.keys(headers).length > 0 ? { headers } : {};
}

/** Several codes may share a status; each answer lists its codes. */
function responsesOf(contract: ContractSpec, spec: OperationSpec): Json {
  const success = spec.response
    ? {
        [spec.status ?? 200]: {
          description: 'Success.',
          ...headersOf(spec),
          content: contentOf(spec.response),
        },
        ...(spec.etag ? { 304: { description: 'The caller has it already.' } } : {}),
      }
    : { [spec.status ?? 204]: { description: 'Success.' } };
  const byStatus = new Map<number, string[]>();
  for (const code of new Set([...possibleKitErrors(spec), ...(spec.errors ?? [])])) {
    const entry = errorSpecOf(contract, spec, code);
    if (entry)
      byStatus.set(entry.status, [...(byStatus.get(entry.status) ?? []), `\`${code}\`: ${entry.title}`]);
  }
  const problems = [...byStatus].map(([status, lines]) => [
    status,
    {
      description: lines.join('\n'),
      content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]);
  return { ...success, ...Object.fromEntries(problems) };
}

function possibleKitErrors(spec: OperationSpec): (keyof typeof kitErrors)[] {
  const input = spec.params ?? spec.query ?? spec.body;
  const open = spec.callers.includes('public');
  const counted = open || spec.callers.includes('account');
  return [
    ...(input ? (['invalid_request'] as const) : []),
    ...(open ? [] : (['forbidden'] as const)),
    'unauthenticated',
    ...(spec.body ? (['payload_too_large', 'unsupported_media_type'] as const) : []),
    // Services count the calls of those who come from outside.
    ...(counted ? (['too_many_requests'] as const) : []),
    'internal',
    'unavailable',
    'deadline_exceeded',
  ];
}
