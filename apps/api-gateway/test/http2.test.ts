/** HTTP/2, frame by frame (RFC 9113): what Node's client would not send. None of it reaches a service, and others go on. */
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { makeFolder } from './folder.ts';
import { echo, type Gateway, startGateway, startUpstream, type Upstream } from './gateway-under-test.ts';

const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const GOAWAY = 7;
const CONTINUATION = 9;
const END_STREAM = 1;
const END_HEADERS = 4;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

const frame = (
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

/** HPACK (RFC 7541): a length or number with a prefix of 7 bits. */
function number7(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let left = value - 127;
  for (; left >= 128; left >>>= 7) bytes.push(0x80 | (left & 0x7f));
  return Buffer.from([...bytes, left]);
}
const text = (value: string) => {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([number7(bytes.length), bytes]);
};
/** Each a literal without indexing, whatever stands in it. */
const block = (lines: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(lines.map(([name, value]) => Buffer.concat([Buffer.of(0), text(name), text(value)])));

let upstream: Upstream;
let gateway: Gateway;
let authorization: string;
const folder = makeFolder();
beforeAll(async () => {
  upstream = await startUpstream(echo);
  gateway = await startGateway({
    targets: { 'session-api': upstream.target },
    environment: { GATEWAY_TLS: 'on', GATEWAY_DATA_DIR: folder.path, GATEWAY_IDLE_TIMEOUT_MS: '500' },
  });
  authorization = `Bearer ${gateway.accounts.token()}`;
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
  folder.remove();
});
beforeEach(() => {
  upstream.seen.length = 0;
});

interface Seen {
  /** Of each stream that was answered: whether it was reset instead. */
  readonly answered: Map<number, 'headers' | 'reset'>;
  goneAway: boolean;
  closed: boolean;
}

/** Sends frames after the preface; resolves when `enough`, or the gateway closed. */
async function exchange(
  send: (socket: TLSSocket) => void,
  enough: (seen: Seen) => boolean = () => false,
): Promise<Seen> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: gateway.port,
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
  });
  const seen: Seen = { answered: new Map(), goneAway: false, closed: false };
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  let bytes = Buffer.alloc(0);
  await new Promise<void>((resolve) => {
    socket.on('error', () => {});
    socket.on('close', () => {
      seen.closed = true;
      resolve();
    });
    socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data]);
      for (; bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3); ) {
        const size = 9 + bytes.readUIntBE(0, 3);
        take(seen, bytes.readUInt8(3), bytes.readUInt32BE(5));
        bytes = bytes.subarray(size);
      }
      if (enough(seen)) resolve();
    });
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0)]));
    send(socket);
  });
  socket.destroy();
  return seen;
}

function take(seen: Seen, type: number, stream: number): void {
  if (type === HEADERS && !seen.answered.has(stream)) seen.answered.set(stream, 'headers');
  if (type === RST_STREAM && !seen.answered.has(stream)) seen.answered.set(stream, 'reset');
  if (type === GOAWAY) seen.goneAway = true;
}

const head = (): [string, string][] => [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'localhost'],
  [':path', '/api/v1/sessions'],
  ['authorization', authorization],
];
const without = (name: string) => head().filter(([each]) => each !== name);
const changed = (name: string, value: string): [string, string][] =>
  head().map(([each, before]) => [each, each === name ? value : before]);

test('a request in frames of our own is answered: what follows is refused for what it is', async () => {
  const seen = await exchange(
    (socket) => socket.write(frame(HEADERS, END_STREAM | END_HEADERS, 1, block(head()))),
    ({ answered }) => answered.size > 0,
  );
  expect([...seen.answered]).toEqual([[1, 'headers']]);
  expect(upstream.seen).toHaveLength(1);
});

const malformed: Readonly<Record<string, () => [string, string][]>> = {
  'transfer-encoding': () => [...head(), ['transfer-encoding', 'chunked']],
  connection: () => [...head(), ['connection', 'close']],
  upgrade: () => [...head(), ['upgrade', 'websocket']],
  'a name in upper case': () => [...head(), ['X-Upper', 'a']],
  'a method with a space': () => changed(':method', 'GET /admin HTTP/1.1\r\nX: y'),
  'a path with a space': () => changed(':path', '/api/v1/sessions HTTP/1.1\r\nX: y'),
  'an authority with a line break': () => changed(':authority', 'localhost\r\nX: y'),
  'no method': () => without(':method'),
  'no path': () => without(':path'),
  'an empty path': () => changed(':path', ''),
  'two paths': () => [[':path', '/metrics'], ...head()],
  'two methods': () => [[':method', 'POST'], ...head()],
  'a pseudo-header that is none': () => [[':evil', 'a'], ...head()],
  'a pseudo-header of answers': () => [[':status', '200'], ...head()],
  'a pseudo-header after others': () => [...without(':path'), [':path', '/api/v1/sessions']],
  ':protocol': () => [[':protocol', 'websocket'], ...changed(':method', 'CONNECT')],
  CONNECT: () => [
    [':method', 'CONNECT'],
    [':authority', 'localhost:22'],
  ],
  'authority and host that differ': () => [...head(), ['host', 'api-gateway']],
  'authority of somebody else': () => changed(':authority', 'evil.example'),
  'no authority': () => without(':authority'),
  'host with a line break': () => [...without(':authority'), ['host', 'localhost\r\nX: y']],
  'two tokens': () => [...head(), ['authorization', 'Bearer a']],
  'a length without a body': () => [...head(), ['content-length', '5']],
  'two lengths': () => [...changed(':method', 'POST'), ['content-length', '0'], ['content-length', '5']],
  'a path out of a service': () => changed(':path', '/api/v1/sessions/../../metrics'),
  'a path in absolute form': () => changed(':path', 'https://localhost/api/v1/sessions'),
};

test.each(Object.entries(malformed))('%s: refused, and no service sees it', async (_name, lines) => {
  const seen = await exchange(
    (socket) => socket.write(frame(HEADERS, END_STREAM | END_HEADERS, 1, block(lines()))),
    ({ answered, goneAway }) => answered.has(1) || goneAway,
  );
  expect(seen.answered.has(1) || seen.goneAway || seen.closed).toBe(true);
  expect(upstream.seen).toHaveLength(0);
});

test.each([
  ['a name with a colon', 'x-a:y', 'a'],
  ['a name with a line break', 'x-a\r\ny', 'a'],
  ['a value with a line break', 'x-a', 'b\r\nTransfer-Encoding: chunked'],
  ['a value with NUL', 'x-a', 'b\0'],
])(
  '%s stays behind: nghttp2 drops the line, and nothing of it reaches a service',
  async (_what, name, value) => {
    await exchange(
      (socket) =>
        socket.write(
          frame(HEADERS, END_STREAM | END_HEADERS, 1, block([...head(), [name, value], ['x-b', 'c']])),
        ),
      ({ answered, goneAway }) => answered.has(1) || goneAway,
    );
    const names = upstream.seen.map(({ rawHeaders }) =>
      rawHeaders.filter((each) => /^(x-[ab]|y|transfer-encoding)/i.test(each)),
    );
    expect(names).toEqual([['x-b']]);
  },
);

test('a header that goes on without end costs its connection, within bounds', async () => {
  let sent = 0;
  const seen = await exchange((socket) => {
    socket.write(frame(HEADERS, END_STREAM, 1, block(head())));
    const piece = frame(CONTINUATION, 0, 1, block([['x-a', 'a'.repeat(8_000)]]));
    const go = () => {
      while (!socket.destroyed && sent < 64 << 20) {
        sent += piece.length;
        if (!socket.write(piece)) return void socket.once('drain', go);
      }
    };
    go();
  });
  expect(seen.closed).toBe(true);
  expect(sent).toBeLessThan(64 << 20);
  expect(upstream.seen).toHaveLength(0);
});

test('empty continuations without end cost their connection', async () => {
  const seen = await exchange((socket) => {
    socket.write(frame(HEADERS, END_STREAM, 1, block(head())));
    const pieces = Buffer.concat(Array.from({ length: 1_000 }, () => frame(CONTINUATION, 0, 1)));
    const go = () => {
      while (!socket.destroyed) if (!socket.write(pieces)) return void socket.once('drain', go);
    };
    go();
  });
  expect(seen.closed).toBe(true);
});

test('a header list that is too large is refused', async () => {
  const lines = [
    ...head(),
    ...Array.from({ length: 400 }, (_, each): [string, string] => [`x-${each}`, 'a'.repeat(60)]),
  ];
  const whole = block(lines);
  const seen = await exchange(
    (socket) => {
      socket.write(frame(HEADERS, END_STREAM, 1, whole.subarray(0, 16_000)));
      for (let at = 16_000; at < whole.length; at += 16_000)
        socket.write(
          frame(
            CONTINUATION,
            at + 16_000 >= whole.length ? END_HEADERS : 0,
            1,
            whole.subarray(at, at + 16_000),
          ),
        );
    },
    ({ answered, goneAway }) => answered.has(1) || goneAway,
  );
  expect(seen.answered.get(1)).not.toBe('headers');
  expect(upstream.seen).toHaveLength(0);
});

/** After 1,000 resets nghttp2 (1.57 and newer) takes nothing more; what is left of the connection ends when its idle time is over. */
test('requests that are taken back at once, by thousands, cost their connection; others are answered', async () => {
  const flood = exchange((socket) => {
    const cancel = Buffer.from([0, 0, 0, 8]);
    let stream = 1;
    const go = () => {
      while (!socket.destroyed && stream < 200_000) {
        const pieces: Buffer[] = [];
        for (let each = 0; each < 100; each++, stream += 2)
          pieces.push(
            frame(HEADERS, END_STREAM | END_HEADERS, stream, block(head())),
            frame(RST_STREAM, 0, stream, cancel),
          );
        if (!socket.write(Buffer.concat(pieces))) return void socket.once('drain', go);
      }
    };
    go();
  });
  const other = await new Promise<unknown>((resolve, reject) => {
    const session = connectHttp2(gateway.origin, { rejectUnauthorized: false });
    const token = gateway.accounts.token({ sub: 'TOther' });
    const stream = session.request({ ':path': '/api/v1/sessions', authorization: `Bearer ${token}` });
    stream.on('response', (headers) => resolve(headers[':status']));
    stream
      .on('error', reject)
      .resume()
      .on('end', () => session.close());
  });
  expect(other).toBe(200);
  expect((await flood).closed).toBe(true);
  // Its account's rate holds at the most; what was taken back before it was passed on is not.
  expect(upstream.seen.length).toBeLessThanOrEqual(501);
});

test('no more streams at once than were allowed', async () => {
  const session = connectHttp2(gateway.origin, { rejectUnauthorized: false });
  const settings = await new Promise<{ maxConcurrentStreams?: number; maxHeaderListSize?: number }>(
    (resolve) => session.once('remoteSettings', resolve),
  );
  session.close();
  expect(settings).toMatchObject({ maxConcurrentStreams: 128, maxHeaderListSize: 16_384 });
});
