import { Type } from 'typebox';
import { defineContract, octets } from './contract.ts';
import { Count, Hash } from './schemas.ts';

/**
 * `yes`: it runs and answers the same document. `differs`: it runs, and answers another version or other operations.
 * `no`: it does not answer. `unknown`: this server cannot reach it, or does not ask.
 */
const Running = Type.Object({
  state: Type.Union([
    Type.Literal('yes'),
    Type.Literal('differs'),
    Type.Literal('no'),
    Type.Literal('unknown'),
  ]),
  /** That the running service names, where it answers. */
  version: Type.Optional(Type.String({ maxLength: 64 })),
});

const DocumentName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,62}$',
  description: 'a service, or `lucid`: everything that is reached from outside, in one document',
});
const DocumentParams = Type.Object({ name: DocumentName });

const DocumentEntry = Type.Object({
  name: DocumentName,
  version: Type.String(),
  summary: Type.String(),
  operations: Count,
  /** Of the document as JSON. */
  sha256: Hash,
});

const OpenApi = Type.Object({
  openapi: Type.Literal('3.1.0'),
  info: Type.Object({ title: Type.String(), version: Type.String(), description: Type.String() }),
  paths: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
  components: Type.Record(Type.String(), Type.Unknown()),
});

/** Asked about again each time, and answered 304 while nothing changed; never kept for another account. */
const whole = { etag: true, cacheControl: 'private, no-cache' } as const;
const readers = { callers: ['account', 'operator'], permission: 'read_api_docs' } as const;
const noPage = "default-src 'none'; frame-ancestors 'none'";

const documentOperations = {
  listDocuments: {
    method: 'GET',
    path: '/openapi',
    summary: 'Every service with a document, its version, and whether it runs with that version.',
    ...readers,
    response: Type.Object({
      merged: DocumentEntry,
      services: Type.Array(Type.Object({ ...DocumentEntry.properties, running: Running })),
    }),
    ...whole,
    headers: { vary: 'Authorization', 'content-security-policy': noPage },
    deadlineMs: 5_000,
  },
  getJsonDocument: {
    method: 'GET',
    path: '/openapi/:name.json',
    summary: 'The OpenAPI 3.1 document of a service, made from its contract, or the merged one.',
    ...readers,
    params: DocumentParams,
    response: OpenApi,
    errors: ['document_unknown'],
    ...whole,
    headers: { vary: 'Authorization', 'content-security-policy': noPage },
  },
  getYamlDocument: {
    method: 'GET',
    path: '/openapi/:name.yaml',
    summary: 'The same document as YAML.',
    ...readers,
    params: DocumentParams,
    response: octets({ maxBytes: 16_777_216, mediaType: 'application/yaml' }),
    errors: ['document_unknown'],
    ...whole,
    headers: { vary: 'Authorization', 'content-security-policy': noPage },
  },
} as const;

/** What the page may do: load its own files, and ask its own origin. No inline script or style, no frame, no form, no other host. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/**
 * Files of the page are the same in every installation and say nothing about this one, so they need no token; what the page
 * shows does. Each has an operation of its own: nothing else of a folder can be named.
 */
const file = <const P extends string>(path: P, mediaType: string, summary: string) =>
  ({
    method: 'GET',
    path,
    summary,
    callers: ['public'],
    response: octets({ maxBytes: 4_194_304, mediaType }),
    etag: true,
    cacheControl: 'public, no-cache',
    headers: pageHeaders,
  }) as const;

const fileOperations = {
  getDocsPage: file('/docs', 'text/html; charset=utf-8', 'The page that shows the documents: Swagger UI.'),
  getDocsScript: file('/docs/page.js', 'text/javascript; charset=utf-8', 'The script of the page.'),
  getDocsStyle: file('/docs/page.css', 'text/css; charset=utf-8', 'The style of the page.'),
  getSwaggerScript: file('/docs/swagger-ui-bundle.js', 'text/javascript; charset=utf-8', 'Swagger UI.'),
  getSwaggerStyle: file('/docs/swagger-ui.css', 'text/css; charset=utf-8', 'The style of Swagger UI.'),
  getSwaggerIcon: file('/docs/favicon-32x32.png', 'image/png', 'The icon of Swagger UI.'),
  getSwaggerLicence: file(
    '/docs/LICENSE.txt',
    'text/plain; charset=utf-8',
    'The licence of Swagger UI and of what it is made of.',
  ),
} as const;

const errors = {
  document_unknown: { status: 404, title: 'There is no document of this name.' },
} as const;

export const openapiServerContract = defineContract({
  service: 'openapi-server',
  version: '1.0.0',
  summary: 'The OpenAPI documents of all services, and a page to read them.',
  basePath: '/api/v1',
  errors,
  operations: { ...documentOperations, ...fileOperations },
});

/** The command line asks `openapi-server` itself. */
const accounts = { callers: ['account'] } as const;

/** On an address of its own, at its root: the only thing there. */
export const openapiGatewayContract = defineContract({
  service: 'openapi-gateway',
  version: '1.0.0',
  summary: 'The read-only front of the API documentation.',
  basePath: '',
  errors,
  operations: {
    getFrontPage: { ...fileOperations.getDocsPage, path: '/', summary: 'The same page as `/docs`.' },
    listDocuments: { ...documentOperations.listDocuments, ...accounts },
    getJsonDocument: { ...documentOperations.getJsonDocument, ...accounts },
    getYamlDocument: { ...documentOperations.getYamlDocument, ...accounts },
    ...fileOperations,
  },
});
