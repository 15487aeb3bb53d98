/** Whatever the proxy is or does: one of the codes, nothing past it, no end that does not come. */
import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { createTorEgress, type EgressErrorCode, egressErrors, type TorEgress } from '../src/index.ts';
import { listen, readAsked, reader, startHostile, startSocks, type TestServer } from './socks-server.ts';

const opened: { stop?(): Promise<void>; close?(): Promise<void> }[] = [];
const keep = <T extends { stop?(): Promise<void>; close?(): Promise<void> }>(each: T): T => {
  opened.push(each);
  return each;
};
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await (each.stop ?? each.close)?.call(each);
});

const never = 600_000;
const NOTHING = 'HTTP/1.1 204 No Content\r\n\r\n';
const at = (proxy: TestServer): TorEgress =>
  keep(createTorEgress({ proxyUrl: proxy.proxyUrl, connectTimeoutMs: never }));
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'none';
  } catch (error) {
    return (error as { name: string }).name === 'EgressError'
      ? (error as { code: string }).code
      : String(error);
  }
};
const hostile = async (behave: (socket: Socket) => void) => keep(await startHostile(behave));
/** A proxy that leads to a server which does as it is told. */
const hostileTarget = async (behave: (socket: Socket) => void) => {
  const target = await hostile(behave);
  return at(keep(await startSocks(() => target.port)));
};

describe('where the proxy is away', () => {
  const variables = [
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'ALL_PROXY',
    'http_proxy',
    'https_proxy',
    'all_proxy',
    'NO_PROXY',
  ];
  const before = variables.map((name) => process.env[name]);
  afterEach(() =>
    variables.forEach((name, index) => {
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
    }),
  );

  it('nothing goes out, neither to the target nor to another proxy', async () => {
    const down = await startHostile(() => {});
    const proxyUrl = down.proxyUrl;
    await down.stop();
    const trap = await hostile(() => {});
    for (const name of variables) process.env[name] = `http://127.0.0.1:${trap.port}`;
    process.env.NO_PROXY = '*';
    const egress = keep(createTorEgress({ proxyUrl }));
    const urls = ['http://a.example/', 'https://a.example/', `http://a.example:${trap.port}/`];
    for (const url of urls) expect(await codeOf(egress.fetch('p', url))).toBe('proxy_unreachable');
    expect(await codeOf(egress.connect('p', { host: 'a.example', port: trap.port }))).toBe(
      'proxy_unreachable',
    );
    expect(trap.connections()).toBe(0);
  });

  it('a request goes out again once it is back', async () => {
    const target = keep(
      await listen(createServer((socket) => void socket.once('data', () => socket.end(NOTHING)))),
    );
    const first = await startSocks(() => target.port);
    const egress = at(first);
    expect((await egress.fetch('p', 'http://a.example/')).status).toBe(204);
    await first.stop();
    expect(await codeOf(egress.fetch('p', 'http://a.example/'))).toBe('proxy_unreachable');
    const again = createServer(async (socket) => {
      await readAsked(socket);
      socket.once('data', () => socket.end(NOTHING));
      socket.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    });
    await new Promise<void>((resolve) => again.listen(first.port, '127.0.0.1', resolve));
    expect((await egress.fetch('p', 'http://a.example/')).status).toBe(204);
    await egress.close();
    await new Promise((resolve) => again.close(resolve));
  });
});

describe('what is no address outside is not asked for', () => {
  const onion = `${'a'.repeat(56)}.onion`;
  const refused = [
    'http://localhost/',
    'http://mongodb:27017/',
    'http://tor-proxy.:9051/',
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://172.20.0.13:27017/',
    'http://192.168.1.1/',
    'http://169.254.169.254/latest/meta-data',
    'http://100.64.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[64:ff9b::a00:1]/',
    'http://[2002:a00:1::]/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
    'http://api.localhost/',
    'http://printer.local/',
    'http://gateway.internal/',
    'http://1.0.0.127.in-addr.arpa/',
    'http://user:password@a.example/',
    'http://user@a.example/',
    'ftp://a.example/',
    'file:///etc/passwd',
    'unix:/run/docker.sock',
    'data:text/plain,x',
    'a.example',
    '',
    `http://${'a'.repeat(64)}.${'b'.repeat(200)}.example/`,
  ];

  it.each(refused)('%s', async (url) => {
    const proxy = keep(await startSocks(() => -1));
    expect(await codeOf(at(proxy).fetch('p', url))).toBe('target_refused');
    expect(proxy.connections()).toBe(0);
  });

  it.each([
    ['a.example', 0],
    ['a.example', 65_536],
    ['a.example', 1.5],
    ['a.exa mple', 80],
    ['a.example/x', 80],
    ['0x7f.1', 80],
    ['127.0.0.1', 80],
    ['[::1]', 80],
    ['::ffff:127.0.0.1', 80],
    ['2606:4700::1%eth0', 80],
    ['', 80],
  ])('%j:%d', async (host, port) => {
    const proxy = keep(await startSocks(() => -1));
    expect(await codeOf(at(proxy).connect('p', { host, port }))).toBe('target_refused');
    expect(proxy.connections()).toBe(0);
  });

  it('but these are', async () => {
    const proxy = keep(await startSocks(() => -5));
    for (const host of [
      'a.example',
      'x_y.a-b.example.',
      '9.9.9.9',
      '[2620:fe::fe]',
      'xn--bcher-kva.example',
      onion,
    ])
      expect(await codeOf(at(proxy).fetch('p', `http://${host}/`))).toBe('connection_refused');
  });
});

const replies: [number, EgressErrorCode][] = [
  [1, 'general_failure'],
  [2, 'not_allowed'],
  [3, 'network_unreachable'],
  [4, 'host_unreachable'],
  [5, 'connection_refused'],
  [6, 'ttl_expired'],
  [7, 'command_refused'],
  [8, 'address_refused'],
  [9, 'proxy_unknown_reply'],
  [0xf0, 'onion_not_found'],
  [0xf1, 'onion_invalid'],
  [0xf2, 'onion_introduction_failed'],
  [0xf3, 'onion_rendezvous_failed'],
  [0xf4, 'onion_key_missing'],
  [0xf5, 'onion_key_wrong'],
  [0xf6, 'onion_address_invalid'],
  [0xf7, 'onion_introduction_timed_out'],
  [0xff, 'proxy_unknown_reply'],
];

it.each(replies)('reply %d is %s', async (reply, code) => {
  const proxy = keep(await startSocks(() => -reply));
  const egress = at(proxy);
  const fault = await egress.fetch('p', 'https://a.example/secret').catch((error: Error) => error);
  expect(fault).toMatchObject({ name: 'EgressError', code, message: `${code}: ${egressErrors[code]}` });
  expect(String(fault)).not.toMatch(/a\.example|secret/);
});

describe('a proxy that', () => {
  const cases: [string, (socket: Socket) => void, EgressErrorCode][] = [
    ['is a web server', (socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'proxy_protocol'],
    [
      'speaks SOCKS 4',
      (socket) => void socket.write(Uint8Array.of(0, 0x5a, 0, 0, 0, 0, 0, 0)),
      'proxy_protocol',
    ],
    ['ends at once', (socket) => void socket.end(), 'proxy_protocol'],
    ['resets', (socket) => void socket.once('data', () => socket.resetAndDestroy()), 'proxy_protocol'],
    ['wants no user name', (socket) => void socket.write(Uint8Array.of(5, 0)), 'proxy_isolation_refused'],
    ['takes no method', (socket) => void socket.write(Uint8Array.of(5, 0xff)), 'proxy_isolation_refused'],
    [
      'takes no password',
      (socket) => void socket.write(Uint8Array.of(5, 2, 1, 1)),
      'proxy_isolation_refused',
    ],
    ['forgets its lines', (socket) => void socket.write(Uint8Array.of(5, 2, 5, 0)), 'proxy_protocol'],
    [
      'replies in another version',
      (socket) => void socket.write(Uint8Array.of(5, 2, 1, 0, 4, 0, 0, 1)),
      'proxy_protocol',
    ],
    [
      'binds an address of no kind',
      (socket) => void socket.write(Uint8Array.of(5, 2, 1, 0, 5, 0, 0, 9)),
      'proxy_protocol',
    ],
  ];

  it.each(cases)('%s', async (_what, behave, code) => {
    expect(await codeOf(at(await hostile(behave)).fetch('p', 'http://a.example/'))).toBe(code);
  });

  it('keeps no circuits apart does not hear of the target', async () => {
    const heard: Buffer[] = [];
    const proxy = await hostile((socket) => {
      socket.on('data', (data) => heard.push(data));
      socket.once('data', () => socket.write(Uint8Array.of(5, 0)));
    });
    expect(await codeOf(at(proxy).fetch('p', 'http://a.example/'))).toBe('proxy_isolation_refused');
    expect(Buffer.concat(heard).toString('hex')).toBe('050102');
  });

  const whole = Uint8Array.of(5, 2, 1, 0, 5, 0, 0, 3, 4, 98, 111, 110, 100, 0, 80);
  it.each(Array.from(whole.keys()))('ends after byte %d', async (size) => {
    const proxy = await hostile((socket) => void socket.end(whole.subarray(0, size)));
    expect(await codeOf(at(proxy).fetch('p', 'http://a.example/'))).toBe('proxy_protocol');
  });

  it('sends its answers byte by byte is understood', async () => {
    const proxy = await hostile(async (socket) => {
      socket.setNoDelay(true);
      const read = reader(socket);
      for (const byte of whole)
        await new Promise<void>((resolve) => void socket.write(Uint8Array.of(byte), () => resolve()));
      await read(1);
      socket.end(NOTHING);
    });
    expect((await at(proxy).fetch('p', 'http://a.example/')).status).toBe(204);
  });

  it.each([
    ['never answers', []],
    ['stops in the middle', [5, 2, 1]],
    ['never comes to its reply', [5, 2, 1, 0]],
  ])('%s', async (_what, bytes) => {
    const proxy = await hostile((socket) => void socket.write(Uint8Array.from(bytes)));
    const egress = at(proxy);
    expect(await codeOf(egress.fetch('p', 'http://a.example/', { timeoutMs: 50 }))).toBe('timed_out');
    expect(await codeOf(egress.connect('p', { host: 'a.example', port: 1 }, { timeoutMs: 50 }))).toBe(
      'timed_out',
    );
    const aborting = new AbortController();
    const asked = egress.connect('p', { host: 'a.example', port: 1 }, { signal: aborting.signal });
    aborting.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
  });

  it('says anything at all', async () => {
    const answers = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(fc.subarray([...whole], { minLength: 1 }), fc.uint8Array({ maxLength: 40 }))
        .map(([one, other]) => Uint8Array.from([...one, ...other])),
    );
    await fc.assert(
      fc.asyncProperty(answers, fc.integer({ min: 1, max: 50 }), async (bytes, size) => {
        const proxy = await startHostile((socket) => {
          for (let from = 0; from < bytes.length; from += size)
            socket.write(bytes.subarray(from, from + size));
          socket.end();
        });
        const egress = createTorEgress({ proxyUrl: proxy.proxyUrl });
        try {
          expect(Object.keys(egressErrors)).toContain(await codeOf(egress.fetch('p', 'http://a.example/')));
        } finally {
          await egress.close();
          await proxy.stop();
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('a host outside that', () => {
  const answering = (text: string | Uint8Array) => (socket: Socket) =>
    void socket.once('data', () => void socket.end(text));
  const cases: [string, (socket: Socket) => void, EgressErrorCode][] = [
    [
      'says garbage',
      answering(Uint8Array.from({ length: 300 }, (_, index) => index & 0xff)),
      'answer_broken',
    ],
    ['ends without an answer', (socket) => void socket.once('data', () => socket.end()), 'answer_broken'],
    ['stops in the headers', answering('HTTP/1.1 200 OK\r\ncontent-le'), 'answer_broken'],
    ['stops in the body', answering('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345'), 'answer_broken'],
    [
      'says two lengths',
      answering('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n12'),
      'answer_broken',
    ],
    [
      'has too many headers',
      answering(`HTTP/1.1 200 OK\r\n${`x: ${'y'.repeat(1000)}\r\n`.repeat(20)}\r\n`),
      'answer_too_large',
    ],
    [
      'says too much',
      answering(`HTTP/1.1 200 OK\r\ncontent-length: 2000000\r\n\r\n${'x'.repeat(2_000_000)}`),
      'answer_too_large',
    ],
  ];

  it.each(cases)('%s', async (_what, behave, code) => {
    const egress = await hostileTarget(behave);
    expect(await codeOf(egress.fetch('p', 'http://a.example/'))).toBe(code);
  });

  it.each(['http', 'https'])('speaks before it is asked over %s, is asked no more', async (scheme) => {
    const proxy = await hostile(async (socket) => {
      await readAsked(socket);
      socket.end(Buffer.concat([Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0), Buffer.from(NOTHING)]));
    });
    expect(await codeOf(at(proxy).fetch('p', `${scheme}://a.example/`))).toBe('answer_broken');
    expect(proxy.connections()).toBe(1);
  });

  it('ends as soon as it is reached, is asked no more', async () => {
    const proxy = await hostile(async (socket) => {
      await readAsked(socket);
      socket.end(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    });
    expect(await codeOf(at(proxy).fetch('p', 'http://a.example/'))).toBe('answer_broken');
    expect(proxy.connections()).toBe(1);
  });

  it('never stops, is cut', async () => {
    let cut = () => {};
    const closed = new Promise<void>((resolve) => {
      cut = resolve;
    });
    const egress = await hostileTarget((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
        const part = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
        const more = () => {
          while (!socket.destroyed && socket.write(part));
        };
        socket.on('drain', more);
        more();
      });
      socket.on('close', cut);
    });
    expect(await codeOf(egress.fetch('p', 'http://a.example/', { maxAnswerBytes: 100_000 }))).toBe(
      'answer_too_large',
    );
    await closed;
  });

  it('drips, is given up', async () => {
    const egress = await hostileTarget((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        const drip = setInterval(() => socket.write('x'), 5);
        socket.on('close', () => clearInterval(drip));
      });
    });
    expect(await codeOf(egress.fetch('p', 'http://a.example/', { timeoutMs: 100 }))).toBe('timed_out');
  });

  it('says nothing, is given up', async () => {
    const egress = await hostileTarget(() => {});
    expect(await codeOf(egress.fetch('p', 'http://a.example/', { timeoutMs: 100 }))).toBe('timed_out');
    expect(await codeOf(egress.fetch('q', 'https://a.example/', { timeoutMs: 100 }))).toBe('timed_out');
  });
});
