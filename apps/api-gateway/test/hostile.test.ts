/** Smuggling and traversal, byte by byte on raw sockets: each is refused, the connection is closed, and no service sees anything. */
import {
  echo,
  type Gateway,
  open,
  startGateway,
  startUpstream,
  type Upstream,
} from './gateway-under-test.ts';

let upstream: Upstream;
let gateway: Gateway;
let auth: string;
beforeAll(async () => {
  upstream = await startUpstream(echo);
  gateway = await startGateway({
    targets: { 'session-api': upstream.target, authentication: upstream.target },
    environment: { GATEWAY_HEADERS_TIMEOUT_MS: '400', GATEWAY_IDLE_TIMEOUT_MS: '400' },
  });
  auth = `Host: localhost\r\nAuthorization: Bearer ${gateway.accounts.token()}\r\n`;
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.seen.length = 0;
});

const SMUGGLED = 'GET /api/v1/sessions/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';
const post = (lines: string, body = '') => `POST /api/v1/sessions HTTP/1.1\r\n@${lines}\r\n\r\n${body}`;
const get = (lines: string, target = '/api/v1/sessions') => `GET ${target} HTTP/1.1\r\n@${lines}\r\n`;

/** `@` stands for host and token. Neither of them may reach a service, nor may what is hidden behind. */
const corpus: Readonly<Record<string, string>> = {
  'CL and TE': post('Content-Length: 6\r\nTransfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`),
  'TE and CL': post('Transfer-Encoding: chunked\r\nContent-Length: 6', `0\r\n\r\n${SMUGGLED}`),
  'two equal CL': post('Content-Length: 2\r\nContent-Length: 2', 'ab'),
  'two different CL': post('Content-Length: 2\r\nContent-Length: 0', `ab${SMUGGLED}`),
  'CL as a list': post('Content-Length: 2, 2', 'ab'),
  'CL with a sign': post('Content-Length: +2', 'ab'),
  'negative CL': post('Content-Length: -1', 'ab'),
  'hexadecimal CL': post('Content-Length: 0x2', 'ab'),
  'empty CL': post('Content-Length: ', 'ab'),
  'CL beyond 64 bits': post('Content-Length: 18446744073709551618', 'ab'),
  'CL with underscore': post('Content_Length: 2', 'ab'),
  'TE with underscore': post('Transfer_Encoding: chunked', '0\r\n\r\n'),
  'TE unknown': post('Transfer-Encoding: xchunked', `0\r\n\r\n${SMUGGLED}`),
  'TE identity': post('Transfer-Encoding: identity', SMUGGLED),
  'TE quoted': post('Transfer-Encoding: "chunked"', '0\r\n\r\n'),
  'TE gzip, chunked': post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'),
  'TE with a comma': post('Transfer-Encoding: ,chunked', '0\r\n\r\n'),
  'TE chunked, identity': post('Transfer-Encoding: chunked, identity', '0\r\n\r\n'),
  'TE twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  'TE identity, then chunked': post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  'TE with vertical tab': post('Transfer-Encoding: \x0bchunked', '0\r\n\r\n'),
  'space before the colon': post('Transfer-Encoding : chunked', '0\r\n\r\n'),
  'folded TE': post('Transfer-Encoding:\r\n chunked', '0\r\n\r\n'),
  'folded header': get('X-A: b\r\n c\r\n'),
  'line that begins with a space': get(' X-A: b\r\n'),
  'bare LF after a header': get('X-A: b\nX-B: c\r\n'),
  'bare LF at the end': get('X-A: b\r\n\n'),
  'bare CR in a header': get('X-A: b\rX-B: c\r\n'),
  'NUL in a value': get('X-A: b\0c\r\n'),
  'byte beyond ASCII in a value': get('X-A: \xe9\r\n'),
  'parenthesis in a name': get('X(A: b\r\n'),
  'empty name': get(': b\r\n'),
  'two hosts': get('Host: localhost\r\n'),
  'two tokens': get('Authorization: Bearer a\r\n'),
  'host named by Connection': get('Connection: close, host\r\n'),
  'token named by Connection': get('Connection: authorization\r\n'),
  'body of GET': `GET /api/v1/sessions HTTP/1.1\r\n@Content-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
  'chunked GET': `GET /api/v1/sessions HTTP/1.1\r\n@Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'unknown expectation': post('Expect: 200-ok\r\nContent-Length: 0'),
  'upgrade to h2c': get(
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n',
  ),
  'HTTP/1.0': `GET /api/v1/sessions HTTP/1.0\r\n@\r\n`,
  'HTTP/0.9': 'GET /api/v1/sessions\r\n\r\n',
  'HTTP/1.2': `GET /api/v1/sessions HTTP/1.2\r\n@\r\n`,
  ICE: `GET /api/v1/sessions ICE/1.1\r\n@\r\n`,
  'HTTP/2 without TLS': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'lower case method': `get /api/v1/sessions HTTP/1.1\r\n@\r\n`,
  'method TRACE': `TRACE /api/v1/sessions HTTP/1.1\r\n@Connection: close\r\n\r\n`,
  'method OPTIONS *': `OPTIONS * HTTP/1.1\r\n@\r\n`,
  'method CONNECT': 'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n',
  'absolute form': get('', 'http://localhost/api/v1/sessions'),
  'absolute form of another host': get('', 'http://evil/api/v1/sessions'),
  'tab in the address': get('', '/api/v1/sess\tions'),
  'raw UTF-8 in the address': get('', '/api/v1/sessions/\xc3\xa9'),
  'out of a service': get('', '/api/v1/sessions/../../metrics'),
  'out of a service, encoded': get('', '/api/v1/sessions/%2e%2e/%2e%2e/metrics'),
  'out of a service, by backslash': get('', '/api/v1/sessions/..\\..\\metrics'),
  'out of a service, by encoded slash': get('', '/api/v1/sessions/..%2f..%2fmetrics'),
  'out of a service, twice encoded': get('', '/api/v1/sessions/%252e%252e/metrics'),
  'out of a service, overlong': get('', '/api/v1/sessions/%c0%ae%c0%ae/metrics'),
  'parameters of a segment': get('', '/api/v1/sessions;x/..;/metrics'),
  'two slashes': get('', '//api/v1/sessions'),
  'encoded letter': get('', '/api/v1/%73essions'),
  'no host': `GET /api/v1/sessions HTTP/1.1\r\n\r\n`,
  'host of somebody else': 'GET /api/v1/sessions HTTP/1.1\r\nHost: evil.example\r\n\r\n',
  'host with user': 'GET /api/v1/sessions HTTP/1.1\r\nHost: a@localhost\r\n\r\n',
  'host with a path': 'GET /api/v1/sessions HTTP/1.1\r\nHost: localhost/x\r\n\r\n',
  'host without a name': 'GET /api/v1/sessions HTTP/1.1\r\nHost: :80\r\n\r\n',
  'header beyond 16 KiB': get(`X-A: ${'a'.repeat(17_000)}\r\n`),
};

test.each(Object.entries(corpus))('%s is refused', async (_name, bytes) => {
  const text = await gateway.raw(bytes.replace('@', auth));
  expect(text).toMatch(/^HTTP\/1\.1 (400|405|408|414|421|431|505) /);
  expect(text.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
  expect(text).toMatch(/connection: close/i);
  expect(upstream.seen).toHaveLength(0);
});

/** The head is sound, so that the service may see it; but no second request, and no end of the first. */
const chunks: Readonly<Record<string, string>> = {
  'bare LF': `1\na\n0\n\n${SMUGGLED}`,
  'LF in an extension': `1;a\nb\r\na\r\n0\r\n\r\n${SMUGGLED}`,
  'size with 0x': `0x1\r\na\r\n0\r\n\r\n${SMUGGLED}`,
  'negative size': `-1\r\na\r\n0\r\n\r\n${SMUGGLED}`,
  'size beyond 64 bits': `10000000000000001\r\na\r\n0\r\n\r\n${SMUGGLED}`,
  'space after the size': `1 \r\na\r\n0\r\n\r\n${SMUGGLED}`,
  'longer than its size': `1\r\nab\r\n0\r\n\r\n${SMUGGLED}`,
  'CL in the trailer': `0\r\nContent-Length: 4\r\n\r\n${SMUGGLED}`,
};
test.each(Object.entries(chunks))('chunks with %s end the connection', async (_name, body) => {
  const ended: boolean[] = [];
  upstream.server.once('request', (request) => request.once('close', () => ended.push(request.complete)));
  const text = await gateway.raw(
    post('Transfer-Encoding: chunked').replace('@', auth).trimEnd().concat('\r\n\r\n', body),
  );
  expect(text).not.toMatch(/^HTTP\/1\.1 2/);
  expect(upstream.seen.some(({ url }) => url?.includes('smuggled'))).toBe(false);
  expect(ended).not.toContain(true);
});

test('a sound request after the corpus is answered', async () => {
  expect((await gateway.fetch('/api/v1/sessions')).status).toBe(200);
});

test.each([
  ['sends nothing', ''],
  ['sends a header by drops', 'GET /api/v1/sessions HTTP/1.1\r\nHost:'],
])('a client that %s is told 408 and cut', async (_name, bytes) => {
  expect(await gateway.raw(bytes)).toMatch(/^HTTP\/1\.1 408 /);
});

test('a body that stops coming is told 408 and cut, its service is left', async () => {
  const left = new Promise((resolve) =>
    upstream.server.once('request', (request) => request.once('close', () => resolve(request.complete))),
  );
  const head = `POST /api/v1/sessions HTTP/1.1\r\n${auth}Content-Length: 10\r\n\r\nabc`;
  expect(await gateway.raw(head)).toMatch(/^HTTP\/1\.1 408 [\s\S]*request_timeout/);
  expect(await left).toBe(false);
});

test('a slow client and 2,000 idle connections do not hurt others', async () => {
  const patient = await startGateway({
    targets: { 'session-api': upstream.target },
    accounts: gateway.accounts,
  });
  const idle = await Promise.all(
    Array.from({ length: 2_000 }, async () => {
      const socket = open(patient.port);
      socket.on('error', () => {});
      await new Promise((resolve) => socket.once('connect', resolve));
      return socket;
    }),
  );
  const slow = open(patient.port);
  slow.on('error', () => {});
  slow.write(`POST /api/v1/sessions HTTP/1.1\r\n${auth}Content-Length: 1000\r\n\r\n`);
  const drops = setInterval(() => slow.write('a'), 20);
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const token = patient.accounts.token({ sub: `T${index % 8}`, lid: `login-${index % 8}` });
      return (await patient.fetch('/api/v1/sessions', { token })).status;
    }),
  );
  expect(statuses.filter((status) => status === 200)).toHaveLength(200);
  expect(idle.filter((socket) => socket.destroyed)).toHaveLength(0);
  clearInterval(drops);
  for (const socket of [...idle, slow]) socket.destroy();
  await patient.close();
});

test('a body larger than what is taken: 413, declared or not', async () => {
  const small = await startGateway({
    targets: { 'session-api': upstream.target },
    environment: { GATEWAY_MAX_BODY_BYTES: '10' },
  });
  const head = `POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${small.accounts.token()}\r\n`;
  expect(await small.raw(`${head}Content-Length: 11\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
  expect(await small.raw(`${head}Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 413 /,
  );
  expect((await small.fetch('/api/v1/sessions', { method: 'POST', body: '1234567890' })).status).toBe(200);
  await small.close();
});

test('Expect: 100-continue is answered once the request may go on, not before', async () => {
  const head = (token: string) =>
    `POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n`;
  expect(await gateway.raw(head('bad'))).toMatch(/^HTTP\/1\.1 401 /);
  const socket = open(gateway.port);
  let text = '';
  socket.on('data', (data) => {
    text += data;
    if (text === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write('ok');
  });
  socket.write(head(gateway.accounts.token({ sub: 'TExpect' })));
  await new Promise((resolve) => socket.once('close', resolve));
  expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*"body":"ok"/);
});
