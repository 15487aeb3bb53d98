import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AbciApplication,
  type AbciServer,
  type AbciServerOptions,
  decodeResponse,
  encodeFrame,
  encodeRequest,
  FrameReader,
  startAbciServer,
} from '../src/index.ts';

const faults: unknown[] = [];
let server: AbciServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
  faults.length = 0;
});

/** Answers what the test gives it; everything else is a fault. */
const application = (methods: Partial<AbciApplication>): AbciApplication =>
  new Proxy(methods, {
    get: (given, name) =>
      given[name as keyof AbciApplication] ?? (() => Promise.reject(new Error(`${String(name)} is broken`))),
  }) as AbciApplication;

async function start(
  methods: Partial<AbciApplication>,
  more: Partial<AbciServerOptions> = {},
): Promise<Socket> {
  server = await startAbciServer({
    application: application(methods),
    listen: { port: 0 },
    onFault: (error) => faults.push(error),
    ...more,
  });
  return connectTo(server);
}

async function connectTo({ address }: AbciServer): Promise<Socket> {
  const url = new URL(address);
  const socket = url.protocol === 'unix:' ? connect(url.pathname) : connect(Number(url.port), url.hostname);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

/** Answers as they come, until there are `count` or the server ends the connection. */
async function answers(socket: Socket, count: number): Promise<Uint8Array[]> {
  const reader = new FrameReader(1_000_000);
  const got: Uint8Array[] = [];
  for await (const part of socket) {
    got.push(...reader.push(part as Uint8Array));
    if (got.length >= count) break;
  }
  return got;
}

const frame = (...request: Parameters<typeof encodeRequest>): Uint8Array =>
  encodeFrame(encodeRequest(...request));

test('requests of one connection are answered in their order, those of others meanwhile', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const seen: number[] = [];
  const socket = await start({
    checkTx: async ({ tx }) => {
      if (tx[0] === 0) await held;
      seen.push(tx[0]!);
      return { code: tx[0]! };
    },
  });
  const check = (code: number) => frame('checkTx', { tx: Uint8Array.of(code) });
  socket.write(Buffer.concat([check(0), check(1), check(2), frame('flush', {})]));
  const other = await connectTo(server!);
  other.write(check(7));
  const [meanwhile] = await answers(other, 1);
  expect(decodeResponse('checkTx', meanwhile!)).toMatchObject({ code: 7 });
  expect(seen).toEqual([7]);
  release();
  const got = await answers(socket, 4);
  expect(got.slice(0, 3).map((each) => decodeResponse('checkTx', each).code)).toEqual([0, 1, 2]);
  expect(decodeResponse('flush', got[3]!)).toEqual({});
});

test('over a Unix socket; echo is answered by the server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'abci-'));
  const socket = await start({}, { listen: { path: join(folder, 'app.sock') } });
  socket.write(frame('echo', { message: 'hello' }));
  const [got] = await answers(socket, 1);
  expect(decodeResponse('echo', got!)).toEqual({ message: 'hello' });
  expect(server!.address).toBe(`unix://${join(folder, 'app.sock')}`);
  await rm(folder, { recursive: true });
});

test('a fault of the application is an exception and told; the connection goes on', async () => {
  const socket = await start({ info: async () => ({ lastBlockHeight: 3 }) });
  // 16 bytes: ExtendVote, which is not offered.
  socket.write(
    Buffer.concat([frame('commit', {}), encodeFrame(Buffer.from('920100', 'hex')), frame('info', {})]),
  );
  const [commit, extend, info] = await answers(socket, 3);
  expect(() => decodeResponse('commit', commit!)).toThrow('commit is broken');
  expect(() => decodeResponse('commit', extend!)).toThrow('does not offer');
  expect(decodeResponse('info', info!)).toMatchObject({ lastBlockHeight: 3 });
  expect(faults).toHaveLength(2);
});

test('a frame beyond the limit ends the connection with an exception; others are served', async () => {
  const socket = await start({ info: async () => ({}) }, { maxMessageSizeBytes: 1000 });
  socket.write(encodeFrame(new Uint8Array(1001)));
  const got = await answers(socket, 99);
  expect(got).toHaveLength(1);
  expect(() => decodeResponse('commit', got[0]!)).toThrow('larger than is taken');
  const other = await connectTo(server!);
  other.write(frame('info', {}));
  expect(decodeResponse('info', (await answers(other, 1))[0]!)).toBeDefined();
});

test('closing waits for what is being answered', async () => {
  let begun: () => void = () => undefined;
  const began = new Promise<void>((resolve) => {
    begun = resolve;
  });
  let release: () => void = () => undefined;
  let committed = false;
  const socket = await start({
    commit: async () => {
      begun();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      committed = true;
      return {};
    },
  });
  socket.write(frame('commit', {}));
  await began;
  const closed = server!.close().then(() => committed);
  server = undefined;
  release();
  expect(await closed).toBe(true);
});

test('an address that is taken is refused', async () => {
  await start({});
  const port = Number(new URL(server!.address).port);
  await expect(
    startAbciServer({ application: application({}), listen: { port }, onFault: () => undefined }),
  ).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
