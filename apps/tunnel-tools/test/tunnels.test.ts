import { once } from 'node:events';
import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { freePorts } from '../../../e2e/stack/free-ports.ts';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { listen, startSocks, type TestServer } from '../../../libs/tor-egress/test/socks-server.ts';
import { startLoneTor, type TestTor, whyNoTor } from '../../../tools/test-tor.mjs';
import { problemOf, type Running, until, World } from './world.ts';

const PEER = 'pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd';
const way = { name: 'way', address: `${PEER}.onion`, port: 22 };
const onlyPort = (port: number) => ({ TUNNEL_PORTS: `${port}-${port}` });

describeWhere(whyNoTor(), 'tunnels to onion services')('a tunnel', () => {
  let tor: TestTor & { dispose(): Promise<void> };
  let world: World;
  let port: number;
  const servers: TestServer[] = [];
  const serve = async (server: Server): Promise<TestServer> => {
    const started = await listen(server);
    servers.push(started);
    return started;
  };
  /** Stands for Tor's SOCKS port; every target is `target`, or refused. */
  const proxyTo = async (target: number) => {
    const proxy = await startSocks(() => target);
    servers.push(proxy);
    return proxy;
  };
  const start = (proxy: { proxyUrl: string }, more: Record<string, string> = {}): Promise<Running> =>
    world.start({ environment: { TOR_PROXY_URL: proxy.proxyUrl, ...onlyPort(port), ...more } });
  const enter = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const echo = () => createServer((socket) => void socket.pipe(socket));

  beforeAll(async () => {
    tor = await startLoneTor();
  });
  afterAll(() => tor?.dispose());
  beforeEach(async () => {
    world = new World(tor);
    [port = 0] = await freePorts(1);
  });
  afterEach(async () => {
    await world.dispose();
    for (const each of servers.splice(0)) await each.stop();
  });

  it('carries bytes both ways, over circuits of its own, and stands again after a restart', async () => {
    const proxy = await proxyTo((await serve(echo())).port);
    const first = await start(proxy);
    const opened = await first.client.openTunnel({ body: way });
    expect(opened).toEqual({
      ...way,
      listensOn: port,
      state: 'listening',
      connections: 0,
      hasClientKey: false,
      createdAt: expect.any(Number),
    });
    const send = async () => {
      const sent = Buffer.alloc(3_000_000, 'lucid');
      const socket = await enter();
      socket.write(sent);
      const parts: Buffer[] = [];
      for await (const part of socket) {
        parts.push(part as Buffer);
        if (Buffer.concat(parts).length === sent.length) break;
      }
      expect(Buffer.concat(parts).equals(sent)).toBe(true);
    };
    await Promise.all([send(), send(), send()]);
    await until(async () => (await first.client.listTunnels()).tunnels[0]?.connections === 0);
    expect(new Set(proxy.asked.map(({ user, host, port: at }) => `${user} ${host}:${at}`))).toEqual(
      new Set([`tunnel:way ${PEER}.onion:22`]),
    );
    await world.stop(first);
    await expect(enter()).rejects.toThrow();
    await start(proxy);
    await until(() =>
      enter()
        .then((socket) => socket.destroy() && true)
        .catch(() => false),
    );
    await send();
  });

  it('brings all that its other end sent before it ended', async () => {
    const sent = Buffer.alloc(3_000_000, 'lucid');
    const target = await serve(createServer((socket) => void socket.end(sent)));
    const { client } = await start(await proxyTo(target.port));
    await client.openTunnel({ body: way });
    const parts: Buffer[] = [];
    for await (const part of await enter()) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(sent)).toBe(true);
  });

  it('ends with who uses it, with its other end, and when it is closed', async () => {
    let inside: Socket | undefined;
    const target = await serve(
      createServer((socket) => {
        inside = socket;
      }),
    );
    const { client } = await start(await proxyTo(target.port));
    await client.openTunnel({ body: way });
    for (const end of ['caller', 'target', 'tunnel'] as const) {
      inside = undefined;
      const socket = await enter();
      await until(async () => inside !== undefined);
      const other = inside as unknown as Socket;
      const ended = Promise.all([once(socket, 'close'), once(other, 'close')]);
      if (end === 'caller') socket.destroy();
      else if (end === 'target') other.destroy();
      else await client.closeTunnel({ params: { name: 'way' } });
      await ended;
    }
    await expect(enter()).rejects.toThrow();
    expect((await problemOf(client.closeTunnel({ params: { name: 'way' } }))).code).toBe('tunnel_unknown');
  });

  it('that leads nowhere hangs up', async () => {
    const { client, stack } = await start(await proxyTo(-0xf0));
    await client.openTunnel({ body: way });
    const socket = await enter();
    await once(socket, 'close');
    expect(stack.logLines).toContainEqual(
      expect.objectContaining({ msg: 'a tunnel leads nowhere', code: 'onion_not_found', tunnel: 'way' }),
    );
    expect(JSON.stringify(stack.logLines)).not.toContain(PEER);
  });

  it('takes so many connections, and no more', async () => {
    const { client } = await start(await proxyTo((await serve(echo())).port));
    await client.openTunnel({ body: way });
    const sockets = await Promise.all(Array.from({ length: 64 }, enter));
    await until(async () => (await client.listTunnels()).tunnels[0]?.connections === 64);
    const one = await enter();
    await once(one, 'close');
    for (const socket of sockets) socket.destroy();
  });

  it('has a name and a port of its own', async () => {
    const { client } = await start(await proxyTo(-1));
    await client.openTunnel({ body: way });
    expect((await problemOf(client.openTunnel({ body: way }))).code).toBe('tunnel_exists');
    const more = await problemOf(client.openTunnel({ body: { ...way, name: 'more' } }));
    expect(more).toEqual({
      code: 'limit_reached',
      detail: `Every port from ${port} to ${port} is taken (TUNNEL_PORTS).`,
    });
    for (const [address, code] of [
      [`${PEER.replace('pg6', 'pg7')}.onion`, 'target_refused'],
      ['a.example', 'invalid_request'],
      ['127.0.0.1', 'invalid_request'],
    ] as const)
      expect((await problemOf(client.openTunnel({ body: { ...way, name: 'x', address } }))).code).toBe(code);
  });

  it('whose port is taken says so, and comes when it is free', async () => {
    const blocker = createServer().listen(port, '127.0.0.1');
    await once(blocker, 'listening');
    const { client } = await start(await proxyTo(-1));
    expect(await client.openTunnel({ body: way })).toMatchObject({
      state: 'failed',
      reason: `port ${port}: EADDRINUSE`,
    });
    blocker.close();
    await once(blocker, 'close');
    await client.closeTunnel({ params: { name: 'way' } });
    expect(await client.openTunnel({ body: way })).toMatchObject({ state: 'listening' });
  });

  it('that was never finished, or whose process ended while it was closed, leaves no key', async () => {
    const stray = join(world.folder, 'keys', 'tunnel-stray.key');
    const young = join(world.folder, 'keys', 'tunnel-young.key');
    const clientKey = 'a'.repeat(52);
    const proxy = await proxyTo(-1);
    const first = await start(proxy);
    await first.client.openTunnel({ body: { ...way, clientKey } });
    await world.stop(first);
    for (const path of [stray, young]) writeFileSync(path, '');
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const path of [stray, join(world.folder, 'keys', 'tunnel-way.key')])
      utimesSync(path, longAgo, longAgo);
    await start(proxy);
    await until(async () => !existsSync(stray));
    expect(world.names('keys')).toEqual(['tunnel-way.key', 'tunnel-young.key']);
  });

  it('gives Tor the key that lets it in, and shows it to nobody', async () => {
    const clientKey = 'abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrsq';
    const running = await start(await proxyTo(-1));
    const opened = await running.client.openTunnel({ body: { ...way, clientKey } });
    expect(opened.hasClientKey).toBe(true);
    const keys = () => world.withTor((control) => control.clientKeys());
    expect(await keys()).toMatchObject([{ serviceId: PEER }]);
    const shown = [
      await running.client.listTunnels(),
      running.stack.logLines,
      world.text('onion-registry.json'),
    ];
    expect(JSON.stringify(shown).toLowerCase()).not.toContain(clientKey.slice(0, 20));
    // Tor forgets it at its end, and is given it again.
    await tor.stop();
    tor.start();
    await until(async () => (await keys().catch(() => [])).length === 1);
    await running.client.closeTunnel({ params: { name: 'way' } });
    expect(world.names('keys')).toEqual([]);
    await until(async () => (await keys()).length === 0);
  });
});
