import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf } from '../../test/problem-of.ts';
import { notesContract } from '../../test/sample-service.ts';
import { createClient } from './client.ts';
import { createHttpTransport, parseTarget, pathOf } from './http-transport.ts';
import type { Transport } from './send.ts';

let server: Server | undefined;
let transport: Transport | undefined;
afterEach(async () => {
  await transport?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

async function clientOf(listener: RequestListener, options: { retry?: false } = { retry: false }) {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  transport = createHttpTransport({ origin: `http://127.0.0.1:${port}` });
  return createClient(notesContract, transport, options);
}

const params = { noteId: 'a' };

it.each([
  [200, 'application/json', '{"noteId":1}', 'bad_answer'],
  [200, 'application/json', '{', 'bad_answer'],
  [404, 'text/html', '<h1>proxy</h1>', 'bad_answer'],
  [302, 'text/html', '', 'bad_answer'],
  [500, 'text/html', 'x', 'internal'],
  [502, 'text/html', 'x', 'unavailable'],
  [503, 'text/plain', 'x', 'unavailable'],
  [504, 'text/plain', 'x', 'deadline_exceeded'],
  [429, 'text/plain', 'x', 'too_many_requests'],
  [404, 'application/problem+json', '{"type":"urn:lucid:problem:note_missing"}', 'note_missing'],
  [409, 'application/problem+json', '{"type":"urn:lucid:problem:note_exists"}', 'bad_answer'],
  [418, 'application/problem+json', '{"type":"urn:lucid:problem:constructor"}', 'bad_answer'],
  [400, 'application/problem+json', 'null', 'bad_answer'],
])('reads an answer of %d %s %j as %s', async (status, type, body, code) => {
  const client = await clientOf((_request, response) =>
    response.writeHead(status, { 'content-type': type }).end(body),
  );
  expect(await codeOf(client.getNote({ params }))).toBe(code);
});

it('calls a server that is not there unavailable', async () => {
  transport = createHttpTransport({ origin: 'http://127.0.0.1:1' });
  const client = createClient(notesContract, transport, { retry: false });
  expect(await codeOf(client.getNote({ params }))).toBe('unavailable');
});

it('calls a connection that breaks unavailable, and repeats what is idempotent', async () => {
  let count = 0;
  const client = await clientOf((request, response) => {
    count += 1;
    if (count === 1) request.socket.destroy();
    else
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"noteId":"a","text":"x","copies":1}');
  }, {});
  expect(await client.getNote({ params })).toMatchObject({ text: 'x' });
  expect(count).toBe(2);
});

it('refuses bytes beyond what the contract allows', async () => {
  const client = await clientOf((_request, response) => response.end(Buffer.alloc(1025)));
  expect(await codeOf(client.reverseBytes({ body: new Uint8Array(1) }))).toBe('bad_answer');
});

it('tells the deadline and the request id', async () => {
  let headers: Record<string, unknown> = {};
  const client = await clientOf((request, response) => {
    headers = request.headers;
    response.writeHead(204).end();
  });
  await client.dropNote({ params }, { deadlineMs: 5_000 });
  expect(Number(headers['x-lucid-deadline-ms'])).toBeGreaterThan(0);
  expect(Number(headers['x-lucid-deadline-ms'])).toBeLessThanOrEqual(5_000);
  expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

it('builds addresses that a parameter cannot leave', () => {
  const spec = notesContract.operations.getNote;
  expect(pathOf(notesContract, spec, { params: { noteId: 'a/../b?c#d' } })).toBe(
    '/api/v1/notes/a%2F..%2Fb%3Fc%23d',
  );
  for (const noteId of ['', '.', '..', undefined])
    expect(() => pathOf(notesContract, spec, { params: { noteId } })).toThrow('invalid_request');
});

it('knows the forms of a service URL', () => {
  expect(parseTarget('http://notes:8080')).toEqual({ origin: 'http://notes:8080' });
  expect(parseTarget('unix:/run/notes.sock')).toEqual({
    origin: 'http://localhost',
    socketPath: '/run/notes.sock',
  });
  for (const url of ['ftp://a', 'http://a/b', 'notes', '']) expect(() => parseTarget(url)).toThrow(TypeError);
});
