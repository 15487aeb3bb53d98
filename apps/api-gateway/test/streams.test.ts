import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as secureRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { ProblemError } from '@lucid/service-kit';
import { createManualClock, createTestAccounts } from '@lucid/service-kit/testing';
import { makeCertificate } from '../src/tls/certificate.ts';
import {
  echo,
  type Gateway,
  open,
  startGateway,
  startUpstream,
  type Upstream,
} from './gateway-under-test.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function behind(listener: RequestListener, options: Partial<Parameters<typeof startGateway>[0]> = {}) {
  const upstream = await startUpstream(listener);
  stops.push(upstream.close);
  const gateway = await startGateway({ targets: { 'session-api': upstream.target }, ...options });
  stops.push(gateway.close);
  return { upstream, gateway };
}

const headOf = ({ accounts }: Gateway, more = '') =>
  `GET /api/v1/sessions/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${accounts.token()}\r\n${more}\r\n`;

test('server-sent events arrive one by one; who leaves is left by the service, too', async () => {
  let stream: ServerResponse | undefined;
  const { gateway, upstream } = await behind((_request, response) => {
    stream = response;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
  });
  const leaving = new AbortController();
  const response = await gateway.fetch('/api/v1/sessions/x/events', { signal: leaving.signal });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
    stream?.write(text);
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe(text);
  }
  const left = new Promise((resolve) => stream?.once('close', resolve));
  leaving.abort();
  await left;
  expect(upstream.seen).toHaveLength(1);
});

test('a service that ends its events ends them for the client', async () => {
  const { gateway } = await behind((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end('data: last\n\n');
  });
  expect(await (await gateway.fetch('/api/v1/sessions/x/events')).text()).toBe('data: last\n\n');
});

test.each([
  ['with', { 'content-length': '1000' }],
  ['without', {}],
])('an answer %s a length whose service dies is cut, not ended; others go on', async (_name, headers) => {
  const { gateway } = await behind((request, response) => {
    if (request.url?.endsWith('/dies')) {
      response.writeHead(200, headers as Record<string, string>);
      response.write('half', () => setImmediate(() => request.socket.destroy()));
    } else response.end('whole');
  });
  const dying = gateway.fetch('/api/v1/sessions/dies').then((response) => response.text());
  const whole = gateway.fetch('/api/v1/sessions/lives').then((response) => response.text());
  await expect(dying).rejects.toThrow();
  expect(await whole).toBe('whole');
});

test('a service that is away: 503 with Retry-After, then at once by the circuit, and back by itself', async () => {
  const clock = createManualClock(Date.now());
  const gone = await startUpstream(echo);
  const port = Number(new URL(gone.target.origin).port);
  await gone.close();
  const gateway = await startGateway({ targets: { 'session-api': gone.target }, clock });
  stops.push(gateway.close);
  for (let each = 0; each < 5; each++) {
    const response = await gateway.fetch('/api/v1/sessions');
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  }
  const back = await startUpstream(echo, port);
  stops.push(back.close);
  expect((await gateway.fetch('/api/v1/sessions')).status).toBe(503);
  expect(back.seen).toHaveLength(0);
  await clock.advance(250);
  expect((await gateway.fetch('/api/v1/sessions')).status).toBe(200);
});

describe('a client that does not read', () => {
  const PIECE = Buffer.alloc(1 << 16, 7);
  const pouring =
    (poured: { bytes: number; closed: Promise<unknown> | undefined }): RequestListener =>
    (_request, response) => {
      poured.closed = new Promise((resolve) => response.once('close', resolve));
      const pour = () => {
        while (!response.destroyed) {
          poured.bytes += PIECE.length;
          if (!response.write(PIECE)) return void response.once('drain', pour);
        }
      };
      pour();
    };

  test('holds its service back, and is cut in the end; others go on', async () => {
    const poured = { bytes: 0, closed: undefined as Promise<unknown> | undefined };
    const pour = pouring(poured);
    const { gateway } = await behind(
      (request, response) => (request.url?.endsWith('/x') ? pour(request, response) : response.end('others')),
      { environment: { GATEWAY_STALL_TIMEOUT_MS: '300' } },
    );
    const socket = open(gateway.port);
    socket.on('error', () => {});
    socket.pause();
    socket.write(headOf(gateway));
    while (poured.closed === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(await (await gateway.fetch('/api/v1/sessions/y')).text()).toBe('others');
    await poured.closed;
    // What sockets hold, not what a service can give.
    expect(poured.bytes).toBeLessThan(32 << 20);
    socket.destroy();
  });

  test('for a while only gets all', async () => {
    const { gateway } = await behind((_request, response) => {
      response.setHeader('content-length', PIECE.length * 200);
      for (let each = 0; each < 200; each++) response.write(PIECE);
      response.end();
    });
    const socket = open(gateway.port);
    let bytes = 0;
    socket.write(headOf(gateway, 'Connection: close\r\n'));
    socket.on('data', (data) => {
      bytes += data.length;
      socket.pause();
      setImmediate(() => socket.resume());
    });
    await new Promise((resolve) => socket.once('close', resolve));
    expect(bytes).toBeGreaterThan(PIECE.length * 200);
  });
});

describe('who may no longer', () => {
  const streams: ServerResponse[] = [];
  const events: RequestListener = (_request, response) => {
    streams.push(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
  };
  const reading = async (gateway: Gateway, token: string) => {
    const response = await gateway.fetch('/api/v1/sessions/x/events', { token });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    return reader;
  };

  test('an expired token ends its stream, another goes on', async () => {
    const clock = createManualClock(Date.now());
    const { gateway } = await behind(events, { clock });
    const exp = Math.floor(clock.nowMs() / 1000) + 60;
    const short = await reading(gateway, gateway.accounts.token({ sub: 'TShort', exp }));
    const long = await reading(gateway, gateway.accounts.token({ sub: 'TLong' }));
    const ended = short.read().then(
      () => 'more',
      () => 'cut',
    );
    await clock.advance(60_000 + 70_000);
    expect(await ended).toBe('cut');
    streams.at(-1)?.write('data: 2\n\n');
    expect(Buffer.from((await long.read()).value as Uint8Array).toString()).toBe('data: 2\n\n');
    await long.cancel();
  });

  test('a revoked token ends its stream and is not taken again', async () => {
    const clock = createManualClock(Date.now());
    const accounts = createTestAccounts(clock);
    const revoked = new Set<string>();
    const verify = async (token: string) => {
      const account = await accounts.accounts.verify(token);
      if (revoked.has(account.loginId)) throw new ProblemError('unauthenticated');
      return account;
    };
    const { gateway } = await behind(events, { clock, accounts, adapters: { accounts: { verify } } });
    const token = accounts.token({ sub: 'TRevoked', lid: 'revoked' });
    const ended = (await reading(gateway, token)).read().then(
      () => 'more',
      () => 'cut',
    );
    revoked.add('revoked');
    await clock.advance(10_000);
    expect(await ended).toBe('cut');
    expect((await gateway.fetch('/api/v1/sessions', { token })).status).toBe(401);
  });
});

describe('WebSocket', () => {
  const accept = (key: string) =>
    createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const handshake =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

  async function echoing(): Promise<{ gateway: Gateway; upstream: Upstream; closed: Promise<unknown> }> {
    const made = await behind(echo);
    const closed = new Promise((resolve) => {
      made.upstream.server.on('upgrade', (request, socket) => {
        const key = accept(request.headers['sec-websocket-key'] as string);
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
        );
        socket.on('data', (data: Buffer) => (data.toString() === 'end' ? socket.end() : socket.write(data)));
        socket.on('error', () => {});
        socket.on('end', () => socket.end());
        socket.once('close', resolve);
      });
    });
    return { ...made, closed };
  }

  test.each(['client', 'service'])('passes both ways, and its end by the %s', async (who) => {
    const { gateway, closed } = await echoing();
    const socket = open(gateway.port);
    const next = () =>
      new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.write(headOf(gateway, handshake));
    expect(await next()).toMatch(
      /^HTTP\/1\.1 101 [\s\S]*sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i,
    );
    socket.write('frame');
    expect(await next()).toBe('frame');
    const ended = new Promise((resolve) => socket.once('close', resolve));
    if (who === 'client') socket.destroy();
    else socket.write('end');
    await Promise.all([closed, ended]);
  });

  test('without a token, or to a service that declines', async () => {
    const { gateway } = await echoing();
    const anonymous = `GET /api/v1/sessions/x HTTP/1.1\r\nHost: localhost\r\n${handshake}\r\n`;
    expect(await gateway.raw(anonymous)).toMatch(/^HTTP\/1\.1 401 /);
    const declining = await behind((_request, response) => response.writeHead(404).end('no'));
    expect(await declining.gateway.raw(headOf(declining.gateway, handshake))).toMatch(
      /^HTTP\/1\.1 404 [\s\S]*no/,
    );
  });
});

describe('TLS', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lucid-gateway-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const environment = () => ({ GATEWAY_TLS: 'on', GATEWAY_DATA_DIR: folder });
  const certificate = () =>
    readFileSync(join(folder, 'gateway-tls.pem'), 'utf8').replace(/^[\s\S]*?END PRIVATE KEY-----\n/, '');

  test('HTTP/1.1 and HTTP/2 over the certificate that it made, which is kept and whose fingerprint is logged', async () => {
    const { gateway } = await behind(echo, { environment: environment() });
    expect(gateway.origin).toMatch(/^https:/);
    const ca = certificate();
    const authorization = `Bearer ${gateway.accounts.token({ lid: 'one' })}`;
    const seen = await new Promise<string[]>((resolve, reject) => {
      const asked = secureRequest(
        `${gateway.origin}/api/v1/sessions`,
        { ca, headers: { authorization } },
        (response) => {
          response.resume();
          resolve([String(response.statusCode), String(response.headers['strict-transport-security'])]);
        },
      );
      asked.on('error', reject).end();
    });
    expect(seen).toEqual(['200', 'max-age=31536000']);
    const session = connectHttp2(gateway.origin, { ca });
    const answer = await new Promise<{ status: unknown; body: string }>((resolve, reject) => {
      const stream = session.request({ ':method': 'POST', ':path': '/api/v1/sessions', authorization });
      let body = '';
      let status: unknown;
      stream.on('response', (headers) => {
        status = headers[':status'];
      });
      stream.on('data', (data) => {
        body += data;
      });
      stream.on('end', () => resolve({ status, body })).on('error', reject);
      stream.end('over h2');
    });
    session.close();
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body).body).toBe('over h2');
    const line = gateway.stack.logLines.find(({ msg }) => msg === 'TLS certificate');
    expect(line?.sha256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    await stops.pop()?.();
    const again = await behind(echo, { environment: environment() });
    expect(again.gateway.stack.logLines.find(({ msg }) => msg === 'TLS certificate')?.sha256).toBe(
      line?.sha256,
    );
  });

  describe('certificate files', () => {
    const write = (name: string, text: string): string => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    };
    const given = (cert: string, key: string) => ({
      GATEWAY_TLS: 'on',
      GATEWAY_TLS_CERT_FILE: write('cert.pem', cert),
      GATEWAY_TLS_KEY_FILE: write('key.pem', key),
    });

    test('are served', async () => {
      const pair = makeCertificate(['localhost', '127.0.0.1'], Date.now());
      const { gateway } = await behind(echo, { environment: given(pair.cert, pair.key) });
      const { fingerprint256 } = new X509Certificate(pair.cert);
      const seen = await new Promise<string>((resolve, reject) => {
        const socket = connectTls({ host: '127.0.0.1', port: gateway.port, ca: pair.cert }, () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          socket.destroy();
        }).once('error', reject);
      });
      expect(seen).toBe(fingerprint256);
      const line = gateway.stack.logLines.find(({ msg }) => msg === 'TLS certificate');
      expect(line).toMatchObject({ sha256: fingerprint256, ownCertificate: false });
    });

    const one = makeCertificate(['localhost'], Date.now());
    const other = makeCertificate(['localhost'], Date.now());
    test.each([
      ['a key of another certificate', one.cert, other.key],
      ['no certificate', 'nothing', one.key],
      ['no key', one.cert, 'nothing'],
      ['key and certificate the wrong way round', one.key, one.cert],
    ])('%s: it does not start, and says which variable', async (_what, cert, key) => {
      await expect(startGateway({ targets: {}, environment: given(cert, key) })).rejects.toThrow(
        'GATEWAY_TLS_CERT_FILE',
      );
    });

    test('a file that is not there, or one of the two alone', async () => {
      const environment = { ...given(one.cert, one.key), GATEWAY_TLS_CERT_FILE: join(folder, 'absent.pem') };
      await expect(startGateway({ targets: {}, environment })).rejects.toThrow('GATEWAY_TLS_CERT_FILE');
      const { GATEWAY_TLS_KEY_FILE: _key, ...alone } = given(one.cert, one.key);
      await expect(startGateway({ targets: {}, environment: alone })).rejects.toThrow('GATEWAY_TLS_KEY_FILE');
    });
  });

  test('without certificate, folder or leave it does not start', async () => {
    await expect(startGateway({ targets: {}, environment: { GATEWAY_TLS: 'on' } })).rejects.toThrow(
      'GATEWAY_TLS_CERT_FILE',
    );
  });
});
