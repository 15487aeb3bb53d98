import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { createServiceKeys, createTokenSource, systemClock } from '../src/index.ts';
import { startTestStack, type TestStack } from '../src/testing.ts';
import { createGate, type Gate, notesContract, notesService } from './sample-service.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

let stack: TestStack;
let gate: Gate;
let port: number;
const keys = createServiceKeys(['notes', 'operator']);
const operatorKey = keys.keys.get('operator');
if (!operatorKey) throw new Error('no operator key');
const tokens = createTokenSource({ key: operatorKey, clock: systemClock });
const authorization = (operation: string) => `Bearer ${tokens({ audience: 'notes', operation })}`;

beforeAll(async () => {
  gate = createGate();
  stack = await startTestStack({ definitions: [notesService], keys, adapters: { notes: { gate } } });
  port = Number(new URL(stack.targetOf('notes')?.origin ?? '').port);
});
afterAll(() => stack.close());

const ask = (
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(parts).toString('utf8'),
        }),
      );
    });
    asked.on('error', reject);
    if (body !== undefined) asked.setHeader('content-length', Buffer.byteLength(body));
    asked.end(body);
  });

const sendRaw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (part) => {
      text += part.toString('latin1');
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });

const codeIn = (answer: Answer): string => {
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  const document = JSON.parse(answer.text);
  expect(document).toMatchObject({ status: answer.status, title: expect.any(String) });
  expect(document.instance).toBe(`urn:lucid:request:${answer.headers['x-request-id']}`);
  expect(answer.text).not.toContain('node_modules');
  return document.type.replace('urn:lucid:problem:', '');
};

const json = { 'content-type': 'application/json' };

describe('what never reaches a handler', () => {
  it('unknown addresses', async () => {
    const answer = await ask('GET', '/api/v1/nothing?<b>zzz</b>');
    expect([answer.status, codeIn(answer)]).toEqual([404, 'not_found']);
    expect(answer.text).not.toContain('zzz');
  });

  it('methods that an address does not offer', async () => {
    const answer = await ask('POST', '/api/v1/notes/a', json, '{}');
    expect([answer.status, codeIn(answer)]).toEqual([405, 'method_not_allowed']);
    expect(answer.headers.allow).toBe('PUT, GET, DELETE');
    expect((await ask('DELETE', '/health')).status).toBe(405);
    expect((await ask('PROPFIND', '/api/v1/notes')).status).toBe(405);
  });

  it('bodies of another media type', async () => {
    for (const type of ['text/plain', 'application/octet-stream', 'application/jsonx', '', '::']) {
      const headers = { authorization: authorization('putNote'), 'content-type': type };
      const answer = await ask('PUT', '/api/v1/notes/a', headers, '{"text":"x"}');
      expect([type, answer.status, codeIn(answer)]).toEqual([type, 415, 'unsupported_media_type']);
    }
    const bytes = await ask(
      'POST',
      '/api/v1/reverse',
      { ...json, authorization: authorization('reverseBytes') },
      '1',
    );
    expect(codeIn(bytes)).toBe('unsupported_media_type');
  });

  it.each(['', '{', '{"text":"x"', '{"__proto__":{"text":"x"}}', '\u0000', '[', 'nul'])(
    'JSON that is none: %j',
    async (body) => {
      const headers = { ...json, authorization: authorization('putNote') };
      const answer = await ask('PUT', '/api/v1/notes/a', headers, body);
      expect([answer.status, codeIn(answer)]).toEqual([400, 'invalid_request']);
    },
  );

  it('bodies that are too large, before they are read', async () => {
    const headers = { ...json, authorization: authorization('putNote'), 'content-length': '2000000' };
    const answer = await ask('PUT', '/api/v1/notes/a', headers);
    expect([answer.status, codeIn(answer)]).toEqual([413, 'payload_too_large']);
  });

  it('callers without a token, before their body is read', async () => {
    const answer = await ask('PUT', '/api/v1/notes/a', json, '{');
    expect([answer.status, codeIn(answer)]).toEqual([401, 'unauthenticated']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    for (const text of ['Bearer', 'Basic a:b', 'Bearer a.b.c', 'Bearer  ', `Bearer ${'x'.repeat(9000)}`]) {
      expect(codeIn(await ask('PUT', '/api/v1/notes/a', { ...json, authorization: text }, '{}'))).toBe(
        'unauthenticated',
      );
    }
  });

  it('addresses that cannot be decoded', async () => {
    expect(codeIn(await ask('GET', '/api/v1/notes/%zz'))).toBe('invalid_request');
    const answer = await ask('GET', `/api/v1/notes/${'a'.repeat(600)}`, {
      authorization: authorization('getNote'),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  it('headers that are too large, and bytes that are not HTTP', async () => {
    expect(await sendRaw(`GET /health HTTP/1.1\r\nHost: a\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 .*urn:lucid:problem:headers_too_large/s,
    );
    expect(await sendRaw('what is this\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 .*urn:lucid:problem:invalid_request/s,
    );
  });
});

describe('request ids', () => {
  it('are kept when sane', async () => {
    expect((await ask('GET', '/health', { 'x-request-id': 'abc-12345' })).headers['x-request-id']).toBe(
      'abc-12345',
    );
  });

  it.each(['short', 'has space in it', '{"a":1}{"a":1}', 'x'.repeat(65)])(
    'are replaced when not: %j',
    async (id) => {
      expect((await ask('GET', '/health', { 'x-request-id': id })).headers['x-request-id']).toMatch(
        /^[0-9a-f-]{36}$/,
      );
    },
  );
});

describe('what every service answers', () => {
  it('health', async () => {
    const answer = await ask('GET', '/health');
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toEqual({
      status: 'up',
      service: 'notes',
      version: '1.2.3',
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('answers that may be stored only where contract and handler say so', async () => {
    const cacheControl = async (path: string) => (await ask('GET', path)).headers['cache-control'];
    expect(await cacheControl('/api/v1/files/a/b')).toBe('public, max-age=60');
    expect(await cacheControl('/api/v1/files/private/b')).toBe('no-store');
    expect(await cacheControl(`/api/v1/files/${'x'.repeat(61)}`)).toBe('no-store');
    expect(await cacheControl('/api/v1/notes')).toBe('no-store');
    expect((await ask('POST', '/api/v1/files/a/b')).headers.allow).toBe('GET');
  });

  it('readiness, 503 when a dependency is down', async () => {
    expect((await ask('GET', '/ready')).status).toBe(200);
    gate.dependencyDown = true;
    const answer = await ask('GET', '/ready');
    gate.dependencyDown = false;
    expect(answer.status).toBe(503);
    const { dependencies } = JSON.parse(answer.text);
    expect(dependencies.memory).toEqual({ status: 'up', latencyMs: expect.any(Number) });
    expect(dependencies.disk).toMatchObject({ status: 'down', error: 'ECONNREFUSED' });
  });

  it('metrics', async () => {
    await ask('GET', '/api/v1/notes?limit=1');
    await ask('GET', '/api/v1/files/a');
    const { text, headers } = await ask('GET', '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toMatch(
      /lucid_request_duration_seconds_count\{.*operation="listNotes".*status="200".*\} [1-9]/,
    );
    expect(text).toContain('lucid_requests_in_flight{service="notes"} 1');
    expect(text).toMatch(/^notes_files_read_total\{service="notes",kind="any"\} [1-9]/m);
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).toMatch(/^nodejs_eventloop_utilization_ratio\{service="notes"\} 0\.\d+$/m);
    // What a timer would have to sample, for which an idle process would wake.
    expect(text).not.toMatch(/nodejs_eventloop_lag_(min|mean|p99)_seconds/);
  });

  it('OpenAPI 3.1 with every operation, its problems and its callers', async () => {
    const document = JSON.parse((await ask('GET', '/openapi.json')).text);
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap(
      (each) => Object.values(each).map(({ operationId }) => operationId),
    );
    expect(operations.sort()).toEqual(Object.keys(notesContract.operations).sort());
    const put = document.paths['/api/v1/notes/{noteId}'].put;
    expect(Object.keys(put.responses)).toEqual([
      '201',
      '400',
      '401',
      '403',
      '409',
      '413',
      '415',
      '500',
      '503',
      '504',
    ]);
    expect(put.responses['409'].content['application/problem+json']).toBeDefined();
    expect(put.security).toEqual([{ serviceToken: [] }]);
    expect(put['x-callers']).toEqual(['operator']);
    expect(document.paths['/api/v1/notes'].get.security).toEqual([{}]);
    const file = document.paths['/api/v1/files/{path}'].get;
    expect(file.parameters).toMatchObject([{ name: 'path', in: 'path', required: true }]);
    expect(file.responses['200'].headers['Cache-Control'].description).toContain('public, max-age=60');
  });
});

it('tells a handler whose caller left, and logs and counts that as 499', async () => {
  const ended = new Promise<void>((resolve) => {
    gate.onWait = (signal) =>
      new Promise((_, reject) => {
        leaving.destroy();
        signal.addEventListener('abort', () => {
          reject(signal.reason);
          resolve();
        });
      });
  });
  const leaving = connect(port, '127.0.0.1', () =>
    leaving.write(
      `POST /api/v1/wait HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization('wait')}\r\nContent-Length: 0\r\n\r\n`,
    ),
  );
  await ended;
  gate.onWait = createGate().onWait;
  await stack.idle();
  const { text } = await ask('GET', '/metrics');
  expect(stack.logLines.filter(({ operation }) => operation === 'wait')).toMatchObject([
    { status: 499, caller: 'operator', level: 'info' },
  ]);
  expect(text).toContain('lucid_requests_in_flight{service="notes"} 1\n');
});

it('answers hostile input with a 4xx or with success, never with a 5xx', async () => {
  const operations = Object.entries(notesContract.operations).filter(([name]) => name !== 'fail');
  const hostileJson = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constant('{"text":"x","text":"y"}'),
    fc.constant('['.repeat(5_000)),
  );
  const hostileText = fc.oneof(
    fc.string(),
    fc.webPath(),
    fc.constantFrom('..', '%00', '%ff', 'constructor', '__proto__'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...operations),
      hostileJson,
      hostileText,
      hostileText,
      async ([name, spec], body, id, search) => {
        const path = (notesContract.basePath + spec.path).replace(':noteId', encodeURIComponent(id));
        const headers = { ...json, authorization: authorization(name) };
        const answer = await ask(
          spec.method,
          `${path}?limit=${encodeURIComponent(search)}`,
          headers,
          spec.method === 'GET' ? undefined : body,
        );
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) codeIn(answer);
      },
    ),
    { numRuns: 300 },
  );
  expect((await ask('GET', '/health')).status).toBe(200);
});

it('logs neither tokens nor cookies', () => {
  const text = JSON.stringify(stack.logLines);
  expect(stack.logLines.length).toBeGreaterThan(300);
  expect(text).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]+/);
});
