import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { makeCertificate } from '../../../apps/api-gateway/src/tls/certificate.ts';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { whyNoGo } from '../../go.mjs';
import { startMongoWire, startRedis, whyNoMongoWire, whyNoRedis } from '../../test-servers.mjs';
import { whyNoTor } from '../../test-tor.mjs';
import { GO } from '../go-program.mjs';
import { buildHealthChecker } from '../health-checker.mjs';

const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';
const folder = mkdtempSync(join(tmpdir(), 'lucid-health-'));
const closers: (() => unknown)[] = [];

afterAll(async () => {
  for (const close of closers.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(words: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(buildHealthChecker(ARCH), words, { env: environment });
  let out = '';
  child.stdout.on('data', (data) => (out += data));
  const [code] = await once(child, 'close');
  return { code, line: out.trimEnd() };
}

/** Port of a server that is closed after the tests, with the connections that it still has. */
async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const each of sockets) each.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const answering = (bytes: Uint8Array | string) =>
  listen(createServer((socket) => socket.on('data', () => socket.end(bytes))));

const http = (status: number, headers = {}) =>
  listen(createHttpServer((_request, reply) => reply.writeHead(status, headers).end('{}')));

function tls(minVersion: 'TLSv1.2' | 'TLSv1.3', maxVersion: 'TLSv1.2' | 'TLSv1.3') {
  const server = createTlsServer({ ...makeCertificate(['localhost'], Date.now()), minVersion, maxVersion });
  return listen(server.on('tlsClientError', () => undefined));
}

const describeWithGo = describeWhere(whyNoGo(), 'the health checker');

describeWithGo('the health checker', () => {
  beforeAll(() => buildHealthChecker(ARCH), 120_000);

  it('is small and static, for both architectures', () => {
    for (const arch of ['amd64', 'arm64'] as const) {
      const path = buildHealthChecker(arch);
      expect(statSync(path).size).toBeLessThanOrEqual(2_000_000);
      const bytes = readFileSync(path);
      // e_machine of its ELF header, and no program interpreter (PT_INTERP names /lib…/ld-linux).
      expect(bytes.readUInt16LE(18)).toBe(arch === 'amd64' ? 62 : 183);
      expect(bytes.includes('ld-linux')).toBe(false);
    }
  });

  it('has the same bytes when it is built elsewhere, with an empty cache', () => {
    const cache = mkdtempSync(join(folder, 'cache-'));
    const source = mkdtempSync(join(folder, 'a longer path of sources '));
    expect(spawnSync('cp', ['-r', 'docker/health/.', source]).status).toBe(0);
    const output = join(folder, 'again');
    const built = spawnSync(
      'go',
      ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w -buildid=', '-o', output, '.'],
      {
        cwd: source,
        env: { ...process.env, CGO_ENABLED: '0', GOARCH: 'arm64', GOTOOLCHAIN: `go${GO}`, GOCACHE: cache },
      },
    );
    expect(String(built.stderr)).toBe('');
    expect(readFileSync(output).equals(readFileSync(buildHealthChecker('arm64')))).toBe(true);
  }, 300_000);

  it('says nothing but the usage without a target, and what is wrong with one', async () => {
    expect(await ask([])).toEqual({ code: 1, line: expect.stringContaining('usage: lucid-health TARGET') });
    const faults: Record<string, string> = {
      'ftp://127.0.0.1:21': 'begins with http:',
      'http://127.0.0.1/health': 'port is missing',
      'http://127.0.0.1:0/': 'from 1 to 65535',
      'http://127.0.0.1:65536/': 'from 1 to 65535',
      'http://127.0.0.1:80/a b': 'holds a blank',
      'http://192.0.2.1:80/': 'only loopback',
      'http://127.0.0.1.example.org:80/': 'only loopback',
      'http://user@127.0.0.1:80/': 'only loopback',
      'tcp://example.org:80': 'only loopback',
      'tcp://[fe80::1]:80': 'only loopback',
    };
    for (const [target, fault] of Object.entries(faults))
      expect(await ask([target])).toEqual({ code: 1, line: expect.stringContaining(fault) });
  });

  it('takes its target from LUCID_HEALTH, and from an argument before that', async () => {
    const good = await http(200);
    const LUCID_HEALTH = `http://127.0.0.1:${good}/health`;
    expect(await ask([], { LUCID_HEALTH })).toEqual({ code: 0, line: `${LUCID_HEALTH}: ok` });
    expect((await ask([`http://127.0.0.1:${await http(503)}/`], { LUCID_HEALTH })).code).toBe(1);
  });

  it('is content with 200 of HTTP alone, and follows nothing', async () => {
    const asked: string[] = [];
    const target = await listen(
      createHttpServer((request, reply) => {
        asked.push(`${request.method} ${request.url}`);
        reply.end();
      }),
    );
    expect((await ask([`http:127.0.0.1:${target}/health?deep=1`])).code).toBe(0);
    expect(asked).toEqual(['GET /health?deep=1']);
    const moved = await http(302, { location: `http://127.0.0.1:${target}/` });
    expect(await ask([`http://127.0.0.1:${moved}/health`])).toEqual({
      code: 1,
      line: expect.stringContaining('status 302, expected 200'),
    });
    expect((await ask([`http://127.0.0.1:${await http(503)}/health`])).line).toMatch(/status 503/);
    expect((await ask([`http://127.0.0.1:${await http(204)}/health`])).code).toBe(1);
    expect(asked).toHaveLength(1);
  });

  it('takes the hello of a TLS server, old or new, and nothing else', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      expect(await ask([`tls:127.0.0.1:${await tls(version, version)}`])).toMatchObject({ code: 0 });
    expect((await ask([`tls:127.0.0.1:${await http(200)}`])).line).toMatch(/not TLS/);
    const alert = await answering(Uint8Array.of(21, 3, 3, 0, 2, 2, 40));
    expect((await ask([`tls:127.0.0.1:${alert}`])).line).toMatch(/refuses the TLS handshake/);
  });

  it('asks for TLS, then for HTTP, where either will do', async () => {
    expect((await ask([`any://127.0.0.1:${await tls('TLSv1.2', 'TLSv1.3')}/health`])).code).toBe(0);
    expect((await ask([`any://127.0.0.1:${await http(200)}/health`])).code).toBe(0);
    expect((await ask([`any://127.0.0.1:${await http(503)}/health`])).line).toMatch(
      /TLS: .*HTTP: status 503/,
    );
  });

  it('ends after two seconds where nothing is answered, and at once where nobody listens', async () => {
    const port = await listen(createServer(() => undefined));
    const kinds = ['http', 'tls', 'any', 'tor', 'redis', 'mongodb'];
    const answers = await Promise.all(kinds.map((kind) => ask([`${kind}:127.0.0.1:${port}`])));
    expect(answers.map(({ code }) => code)).toEqual(kinds.map(() => 1));
    for (const { line } of answers) expect(line).toMatch(/: no answer within 2s$/);
    const server = createServer();
    const free = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await ask([`tcp:127.0.0.1:${free}`])).toEqual({
      code: 1,
      line: expect.stringContaining('connection refused'),
    });
  });

  it('takes no garbage for an answer, and shows none of it raw', async () => {
    const garbage = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 167 + 13) % 256));
    for (const bytes of [
      garbage,
      Buffer.alloc(4096),
      Buffer.from('\n'),
      Buffer.alloc(0),
      Buffer.alloc(70_000, 0xff),
    ]) {
      const port = await answering(bytes);
      for (const kind of ['http', 'tls', 'any', 'tor', 'redis', 'mongodb']) {
        const { code, line } = await ask([`${kind}:127.0.0.1:${port}`]);
        expect(code).toBe(1);
        expect(line).toMatch(/^[ -~]+$/);
      }
    }
  });

  it('reads every field of a document before ok, and no document past its end', async () => {
    const element = (kind: number, name: string, value: Uint8Array) =>
      Buffer.concat([Buffer.of(kind), Buffer.from(`${name}\0`), value]);
    const sized = (bytes: string) =>
      Buffer.concat([Buffer.of(bytes.length + 1, 0, 0, 0), Buffer.from(`${bytes}\0`)]);
    const reply = (...elements: Buffer[]) => {
      const body = Buffer.concat([...elements, Buffer.of(0)]);
      const head = Buffer.alloc(21);
      for (const [at, each] of [21 + 4 + body.length, 7, 1, 2013, 0].entries())
        head.writeUInt32LE(each, at * 4);
      const size = Buffer.alloc(4);
      size.writeUInt32LE(body.length + 4);
      return answering(Buffer.concat([head, size, body]));
    };
    const fields = [
      element(0x08, 'isWritablePrimary', Buffer.of(1)),
      element(0x03, 'topologyVersion', Buffer.of(5, 0, 0, 0, 0)),
      element(0x07, 'processId', Buffer.alloc(12)),
      element(0x09, 'localTime', Buffer.alloc(8)),
      element(0x02, 'msg', sized('ok')),
      element(0x05, 'bytes', Buffer.of(2, 0, 0, 0, 0, 1, 2)),
      element(0x0a, 'nothing', Buffer.alloc(0)),
    ];
    const one = Buffer.from(new Float64Array([1]).buffer);
    const judge = async (...elements: Buffer[]) =>
      (await ask([`mongodb:127.0.0.1:${await reply(...fields, ...elements)}`])).code;
    expect(await judge(element(0x01, 'ok', one))).toBe(0);
    expect(await judge(element(0x10, 'ok', Buffer.of(1, 0, 0, 0)))).toBe(0);
    expect(await judge(element(0x01, 'ok', Buffer.alloc(8)))).toBe(1);
    expect(await judge()).toBe(1);
    expect(await judge(element(0x02, 'long', Buffer.of(255, 255, 255, 255)), element(0x01, 'ok', one))).toBe(
      1,
    );
    expect(await judge(element(0x06, 'of no known kind', Buffer.alloc(0)), element(0x01, 'ok', one))).toBe(1);
    expect(await judge(Buffer.from('\x01ok'))).toBe(1);
  });
});

describeWhere(whyNoGo() ?? whyNoRedis(), 'the health checker against Redis')('Redis', () => {
  it('answers PING, also where it wants a password', async () => {
    const redis = await startRedis();
    closers.push(redis.stop);
    expect(await ask([`redis:127.0.0.1:${redis.port}`])).toMatchObject({ code: 0 });
    const set = spawnSync('redis-cli', ['-p', String(redis.port), 'config', 'set', 'requirepass', 'a word']);
    expect(String(set.stdout)).toBe('OK\n');
    expect(await ask([`redis://127.0.0.1:${redis.port}`])).toMatchObject({ code: 0 });
    expect((await ask([`tor:127.0.0.1:${redis.port}`])).code).toBe(1);
  });
});

describeWhere(whyNoGo() ?? whyNoMongoWire(), 'the health checker against FerretDB')('MongoDB', () => {
  it('answers hello', async () => {
    const mongo = await startMongoWire();
    closers.push(mongo.stop);
    const { port } = new URL(mongo.url);
    expect(await ask([`mongodb://127.0.0.1:${port}`])).toMatchObject({ code: 0 });
    expect((await ask([`redis:127.0.0.1:${port}`])).code).toBe(1);
  });
});

describeWhere(whyNoGo() ?? whyNoTor(), 'the health checker against Tor')('Tor', () => {
  it('answers on its control port, without a password', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const config = join(folder, 'torrc');
    writeFileSync(join(folder, 'none'), '');
    writeFileSync(
      config,
      [
        'DisableNetwork 1',
        'SocksPort 0',
        `ControlPort 127.0.0.1:${port}`,
        `DataDirectory ${folder}/tor`,
        '',
      ].join('\n'),
    );
    const tor = spawn('tor', ['-f', config, '--defaults-torrc', join(folder, 'none')]);
    const ended = once(tor, 'close');
    closers.push(() => {
      tor.kill('SIGKILL');
      return ended;
    });
    let log = '';
    // Its output is read to the end: a pipe that is closed would end tor.
    const opened = new Promise<void>((resolve, reject) => {
      tor.stdout.on('data', (data) => {
        log += data;
        if (log.includes('Opened Control listener')) resolve();
      });
      ended.then(() => reject(new Error(`tor ended: ${log}`)), reject);
    });
    await opened;
    expect(await ask([`tor:127.0.0.1:${port}`])).toMatchObject({ code: 0 });
  });
});
