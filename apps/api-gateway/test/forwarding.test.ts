import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { echo, type Gateway, startGateway, startUpstream, type Upstream } from './gateway-under-test.ts';

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

const headersOf = ({ rawHeaders }: Echo): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2)
    headers[(rawHeaders[index] as string).toLowerCase()] = rawHeaders[index + 1] as string;
  return headers;
};

describe('what is passed on', () => {
  let upstream: Upstream;
  let gateway: Gateway;
  beforeAll(async () => {
    upstream = await startUpstream(echo);
    gateway = await startGateway({
      targets: { 'session-api': upstream.target, authentication: upstream.target },
    });
  });
  afterAll(async () => {
    await gateway.close();
    await upstream.close();
  });

  test('method, address, body and end-to-end headers as they are; where it comes from is said anew', async () => {
    const response = await gateway.fetch('/api/v1/sessions/a%C3%A9?x=%2F&y=1', {
      method: 'POST',
      body: 'hello',
      headers: {
        'x-mine': 'yes',
        'x-forwarded-for': '1.2.3.4',
        'x-forwarded-host': 'evil',
        forwarded: 'for=1.2.3.4',
        'x-real-ip': '1.2.3.4',
        'x-request-id': 'my-request-1',
      },
    });
    expect(response.status).toBe(200);
    const seen = (await response.json()) as Echo;
    expect([seen.method, seen.url, seen.body]).toEqual([
      'POST',
      '/api/v1/sessions/a%C3%A9?x=%2F&y=1',
      'hello',
    ]);
    const headers = headersOf(seen);
    expect(headers).toMatchObject({
      'x-mine': 'yes',
      'x-request-id': 'my-request-1',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': `127.0.0.1:${gateway.port}`,
      'content-length': '5',
    });
    expect(headers.forwarded).toBe(`for=127.0.0.1;host="127.0.0.1:${gateway.port}";proto=http`);
    expect(headers['x-real-ip']).toBeUndefined();
    expect(headers.authorization).toMatch(/^Bearer ey/);
    expect(response.headers.get('x-request-id')).toBe('my-request-1');
  });

  test('headers of one hop stay behind, those that Connection names, too', async () => {
    const token = gateway.accounts.token();
    const text = await gateway.raw(
      `GET /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nProxy-Connection: a\r\nX-Stays: 1\r\n\r\n`,
    );
    const seen = JSON.parse(text.split('\r\n\r\n')[1] as string) as Echo;
    const headers = headersOf(seen);
    expect(headers['x-stays']).toBe('1');
    for (const name of ['x-hop', 'te', 'proxy-connection']) expect(headers[name]).toBeUndefined();
    expect(headers.connection).toBe('keep-alive');
  });

  test('the answer bears what the gateway says', async () => {
    const { headers } = await gateway.fetch('/api/v1/sessions');
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      ratelimit: expect.stringMatching(/^"user";r=\d+;t=60$/),
      'ratelimit-policy': '"user";q=500;w=60',
    });
    expect(headers.get('strict-transport-security')).toBeNull();
  });

  test('a well-known address has another one behind', async () => {
    const response = await gateway.fetch('/.well-known/jwks.json', { token: null });
    expect(((await response.json()) as Echo).url).toBe('/api/v1/auth/jwks.json');
  });

  test('one line a request, with its service, without the token', async () => {
    await gateway.fetch('/api/v1/sessions/logged', { headers: { 'x-request-id': 'logged-request' } });
    const line = gateway.stack.logLines.find(({ requestId }) => requestId === 'logged-request');
    expect(line).toMatchObject({
      operation: 'session-api',
      method: 'GET',
      status: 200,
      caller: 'account',
      account: 'TDefault',
    });
    expect(JSON.stringify(gateway.stack.logLines)).not.toContain('Bearer ey');
  });

  test('chunked bodies arrive whole', async () => {
    const body = Readable.toWeb(Readable.from([Buffer.from('ab'), Buffer.from('cd')])) as ReadableStream;
    const response = await gateway.fetch('/api/v1/storage/x', {
      method: 'PUT',
      body,
      duplex: 'half',
    } as RequestInit);
    expect(((await response.json()) as Echo).body).toBe('abcd');
  });
});

test('HEAD, 204 and 304 have no body, and the connection goes on', async () => {
  const upstream = await startUpstream(({ method, url }, response) => {
    if (method === 'HEAD') response.writeHead(200, { 'content-length': '10' }).end();
    else if (url?.endsWith('gone')) response.writeHead(204).end();
    else response.writeHead(304, { etag: '"a"' }).end();
  });
  const gateway = await startGateway({ targets: { 'session-api': upstream.target } });
  const head = await gateway.fetch('/api/v1/sessions', { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
  expect((await gateway.fetch('/api/v1/sessions/gone', { method: 'DELETE' })).status).toBe(204);
  const unchanged = await gateway.fetch('/api/v1/sessions');
  expect([unchanged.status, unchanged.headers.get('etag')]).toEqual([304, '"a"']);
  await gateway.close();
  await upstream.close();
});

test('256 MiB each way go through in bounded memory', async () => {
  const piece = Buffer.alloc(1 << 20, 7);
  const pieces = 256;
  const upstream = await startUpstream((request, response) => {
    const hash = createHash('sha256');
    request.on('data', (data) => hash.update(data));
    request.on('end', () => {
      response.setHeader('x-received', hash.digest('hex'));
      Readable.from(repeat()).pipe(response);
    });
  });
  function* repeat() {
    for (let each = 0; each < pieces; each++) yield piece;
  }
  const gateway = await startGateway({
    targets: { 'session-api': upstream.target },
    environment: { GATEWAY_MAX_BODY_BYTES: String(pieces << 20) },
  });
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  const response = await gateway.fetch('/api/v1/storage/big', {
    method: 'PUT',
    body: Readable.toWeb(Readable.from(repeat())),
    duplex: 'half',
  } as RequestInit);
  const expected = createHash('sha256');
  for (const each of repeat()) expected.update(each);
  expect(response.headers.get('x-received')).toBe(expected.digest('hex'));
  let received = 0;
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) received += part.length;
  clearInterval(watch);
  expect(received).toBe(pieces << 20);
  // Client, gateway and service in one process.
  expect(most - before).toBeLessThan(160 << 20);
  await gateway.close();
  await upstream.close();
});
