import dns from 'node:dns';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { makeCertificate } from '../../../apps/api-gateway/src/tls/certificate.ts';
import { createTorEgress, type TorEgress, type TorEgressOptions } from '../src/index.ts';
import { type Asked, listen, startSocks, type TestServer } from './socks-server.ts';

const ONION = `${'a'.repeat(56)}.onion`;
const opened: { stop?(): Promise<void>; close?(): Promise<void> }[] = [];
const keep = <T extends { stop?(): Promise<void>; close?(): Promise<void> }>(each: T): T => {
  opened.push(each);
  return each;
};
afterEach(async () => {
  jest.restoreAllMocks();
  for (const each of opened.splice(0).reverse()) await (each.stop ?? each.close)?.call(each);
});

/** Every way of Node to ask a name server, or the hosts file, from now on fails. */
const forbidNames = () => {
  const names = Object.keys(dns) as (keyof typeof dns)[];
  for (const name of names.filter((each) => /^(lookup|resolve|reverse)/.test(each)))
    jest.spyOn(dns, name as 'lookup').mockImplementation(() => {
      throw new Error(`dns.${name} was called`);
    });
  for (const name of ['lookup', 'resolve', 'resolve4'] as const)
    jest.spyOn(dns.promises, name).mockRejectedValue(new Error(`dns.promises.${name} was called`));
};

const serve = async (handler: RequestListener): Promise<TestServer & { server: Server }> => {
  const server = createHttpServer(handler);
  return { ...keep(await listen(server)), server };
};
const egressOf = (options: TorEgressOptions): TorEgress => keep(createTorEgress(options));
const textOf = ({ body }: { body: Uint8Array }) => Buffer.from(body).toString('utf8');
const hello: RequestListener = (request, response) =>
  void response.end(`${request.method} ${request.headers.host}${request.url}`);

async function outside(lead: (asked: Asked, port: number) => number = (_asked, port) => port) {
  const target = await serve(hello);
  const proxy = keep(await startSocks((asked) => lead(asked, target.port)));
  return { target, proxy, egress: egressOf({ proxyUrl: proxy.proxyUrl }) };
}

describe('what the proxy is asked for', () => {
  it('names as they are, which nobody here resolves', async () => {
    const { proxy, egress } = await outside();
    forbidNames();
    const answer = await egress.fetch('prices', 'http://Market.example/ticker?pair=TRX');
    expect([answer.status, textOf(answer), answer.url]).toEqual([
      200,
      'GET market.example/ticker?pair=TRX',
      'http://market.example/ticker?pair=TRX',
    ]);
    await egress.fetch('prices', `http://${ONION}:8080/`);
    expect(proxy.asked).toEqual([
      {
        methods: [2],
        user: 'prices',
        password: expect.any(String),
        type: 3,
        host: 'market.example',
        port: 80,
      },
      { methods: [2], user: 'prices', password: expect.any(String), type: 3, host: ONION, port: 8080 },
    ]);
  });

  it('addresses in their own form', async () => {
    const { proxy, egress } = await outside();
    await egress.fetch('p', 'http://9.8.7.6/');
    await egress.fetch('p', 'http://[2606:4700::6810:84e5]:8080/');
    expect(proxy.asked.map(({ type, host, port }) => [type, host, port])).toEqual([
      [1, '09080706', 80],
      [4, '260647000000000000000000681084e5', 8080],
    ]);
    const dotted = { host: '2606:4700::104.16.132.229', port: 8080 };
    (await egress.connect('p', dotted)).destroy();
    expect(proxy.asked.at(-1)?.host).toBe('260647000000000000000000681084e5');
  });

  it('one token a purpose, another after renew', async () => {
    const { proxy, egress } = await outside();
    const ask = (purpose: string, host: string) => egress.fetch(purpose, `http://${host}/`);
    await ask('one', 'a.example');
    await ask('one', 'b.example');
    await ask('two', 'a.example');
    egress.renew('one');
    await ask('one', 'a.example');
    const [first, second, other, renewed] = proxy.asked.map(({ user, password }) => `${user} ${password}`);
    expect(first).toBe(second);
    expect(new Set([first, other, renewed]).size).toBe(3);
    expect(first).toMatch(/^one [0-9a-f]{32}$/);
    expect(renewed).toMatch(/^one /);
  });

  it('no connection again where one is open', async () => {
    const { proxy, egress } = await outside();
    for (let at = 0; at < 5; at++) await egress.fetch('p', 'http://a.example/');
    // A connection is free again a moment after its answer.
    expect(proxy.asked.length).toBeLessThan(3);
  });
});

describe('requests', () => {
  it('carry method, headers and body, and say nothing of who sends them', async () => {
    const { target, egress } = await outside();
    let seen: unknown;
    target.server.removeAllListeners('request').on('request', async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      seen = { method: request.method, headers: request.headers, body: Buffer.concat(parts).toString() };
      response.writeHead(201, { 'x-made': 'yes' }).end();
    });
    const answer = await egress.fetch('p', 'http://a.example/things', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"a":1}',
    });
    expect([answer.status, answer.headers['x-made']]).toEqual([201, 'yes']);
    expect(seen).toEqual({
      method: 'POST',
      headers: {
        host: 'a.example',
        connection: 'keep-alive',
        'accept-encoding': 'identity',
        'content-type': 'application/json',
        'content-length': '7',
      },
      body: '{"a":1}',
    });
  });

  it('end with the reason of who aborts them', async () => {
    const { target, egress } = await outside();
    const aborting = new AbortController();
    target.server.removeAllListeners('request').on('request', () => aborting.abort(new Error('enough')));
    await expect(egress.fetch('p', 'http://a.example/', { signal: aborting.signal })).rejects.toThrow(
      'enough',
    );
  });

  it('end when the way out is closed, and none begins after', async () => {
    const { target, egress } = await outside();
    target.server.removeAllListeners('request').on('request', () => void egress.close());
    await expect(egress.fetch('p', 'http://a.example/')).rejects.toMatchObject({ code: 'egress_closed' });
    await expect(egress.fetch('p', 'http://a.example/')).rejects.toMatchObject({ code: 'egress_closed' });
  });

  it('mistakes of their maker are told as such', async () => {
    const { egress } = await outside();
    const bad = egress.fetch('p', 'http://a.example/', { headers: { 'bad header': 'x' } });
    await expect(bad).rejects.toMatchObject({ code: 'UND_ERR_INVALID_ARG' });
    await expect(egress.fetch('Not A Purpose', 'http://a.example/')).rejects.toBeInstanceOf(TypeError);
  });
});

describe('TLS from end to end', () => {
  const named = makeCertificate(['market.example'], Date.now());
  const start = async (given = named) => {
    let requests = 0;
    const server = createHttpsServer({ key: given.key, cert: given.cert }, (request, response) => {
      requests++;
      hello(request, response);
    });
    const target = keep(await listen(server));
    const proxy = keep(await startSocks(() => target.port));
    return { proxy, requests: () => requests };
  };

  it('takes a host that its certificate proves', async () => {
    const { proxy } = await start();
    const egress = egressOf({ proxyUrl: proxy.proxyUrl, ca: [named.cert] });
    forbidNames();
    expect(textOf(await egress.fetch('p', 'https://market.example/x'))).toBe('GET market.example/x');
    expect(proxy.asked[0]).toMatchObject({ host: 'market.example', port: 443 });
  });

  it.each([
    ['nobody vouches for it', named, undefined],
    ['it is of another name', makeCertificate(['other.example'], Date.now()), 'own'],
    ['it has expired', makeCertificate(['market.example'], Date.now() - 20 * 365 * 86_400_000), 'own'],
  ])('sends nothing where %s', async (_why, certificate, trust) => {
    const { proxy, requests } = await start(certificate);
    const ca = trust ? [certificate.cert] : undefined;
    const egress = egressOf({ proxyUrl: proxy.proxyUrl, ...(ca ? { ca } : {}) });
    const asked = egress.fetch('p', 'https://market.example/x');
    await expect(asked).rejects.toMatchObject({ code: 'tls_failed', name: 'EgressError' });
    expect(requests()).toBe(0);
  });

  it('sends nothing to a host that speaks no TLS', async () => {
    const { egress } = await outside();
    const asked = egress.fetch('p', 'https://market.example/');
    await expect(asked).rejects.toMatchObject({ code: 'tls_failed' });
  });
});

describe('redirects', () => {
  const leadTo = async (location: (path: string) => string | undefined, status = 302) => {
    const { target, proxy, egress } = await outside();
    target.server.removeAllListeners('request').on('request', (request, response) => {
      const to = location(request.url ?? '');
      response
        .writeHead(to === undefined ? 200 : status, to === undefined ? {} : { location: to })
        .end('end');
    });
    return { proxy, egress };
  };

  it('are answers, unless they are to be followed', async () => {
    const { egress } = await leadTo(() => '/next');
    const answer = await egress.fetch('p', 'http://a.example/');
    expect([answer.status, answer.headers.location]).toEqual([302, '/next']);
  });

  it('are followed on the same host, so many times', async () => {
    const { egress, proxy } = await leadTo((path) =>
      path === '/3' ? undefined : `/${Number(path.slice(1)) + 1}`,
    );
    const answer = await egress.fetch('p', 'http://a.example/1', { redirects: 2 });
    expect([answer.status, answer.url]).toEqual([200, 'http://a.example/3']);
    await expect(egress.fetch('p', 'http://a.example/0', { redirects: 2 })).rejects.toMatchObject({
      code: 'redirect_refused',
    });
    expect(new Set(proxy.asked.map(({ user, password }) => user + password)).size).toBe(1);
  });

  it.each([
    'http://b.example/',
    'http://a.example:8080/',
    'http://127.0.0.1/',
    'http://localhost/',
    '//172.20.0.13/',
    'file:///etc/passwd',
    'http://user@a.example/',
    `http://${ONION}/`,
    'http://',
  ])('never lead to %s', async (location) => {
    const { egress, proxy } = await leadTo(() => location);
    await expect(egress.fetch('p', 'http://a.example/', { redirects: 5 })).rejects.toMatchObject({
      code: 'redirect_refused',
    });
    expect(proxy.asked.map(({ host }) => host)).toEqual(['a.example']);
  });

  it('of a POST are answers', async () => {
    const { egress } = await leadTo(() => '/next', 307);
    expect(
      (await egress.fetch('p', 'http://a.example/', { method: 'POST', body: 'x', redirects: 3 })).status,
    ).toBe(307);
  });

  it('may lead to encryption on the same host', async () => {
    const { proxy, egress } = await leadTo(() => 'https://a.example/');
    const asked = egress.fetch('p', 'http://a.example/', { redirects: 1 });
    await expect(asked).rejects.toMatchObject({ code: 'tls_failed' });
    expect(proxy.asked.map(({ port }) => port)).toEqual([80, 443]);
  });
});

describe('a connection', () => {
  it('leads to its target, from the first byte on', async () => {
    const target = keep(
      await listen((await import('node:net')).createServer((socket) => void socket.end('SSH-2.0-x\r\n'))),
    );
    const proxy = keep(await startSocks(() => target.port));
    const egress = egressOf({ proxyUrl: proxy.proxyUrl });
    const socket = await egress.connect('tunnel:x', { host: ONION, port: 22 });
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    expect(Buffer.concat(parts).toString()).toBe('SSH-2.0-x\r\n');
    expect(proxy.asked[0]).toMatchObject({ user: 'tunnel:x', host: ONION, port: 22 });
  });

  it('is cut when the way out is closed', async () => {
    const target = keep(await listen((await import('node:net')).createServer(() => {})));
    const proxy = keep(await startSocks(() => target.port));
    const egress = egressOf({ proxyUrl: proxy.proxyUrl });
    const socket = await egress.connect('p', { host: 'a.example', port: 22 });
    const cut = new Promise((resolve) => socket.once('error', resolve));
    await egress.close();
    expect(await cut).toMatchObject({ code: 'egress_closed' });
  });
});

it.each([
  'http://tor:9050',
  'socks5://tor',
  'socks5://tor:0',
  'socks4://tor:9050',
  'socks5://u:p@tor:9050',
  'tor:9050',
  '',
])('no proxy is %j', (proxyUrl) => {
  expect(() => createTorEgress({ proxyUrl })).toThrow('a Tor proxy is written socks5://HOST:PORT');
});
