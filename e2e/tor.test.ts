/**
 * The installation and the world, in a Tor network of the test's own: onion services that tunnel-tools makes, visited through
 * tor-egress from another machine's Tor; names and addresses outside, through an exit; nothing where Tor is away.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base32ToBytes, createClientKeyPair, openTorControl, type TorControl } from '@lucid/tor-control';
import { createTorEgress, type EgressErrorCode, isEgressError, type TorEgress } from '@lucid/tor-egress';
import { makeCertificate } from '../apps/api-gateway/src/tls/certificate.ts';
import { Program } from '../apps/tunnel-tools/test/program.ts';
import { listen, type TestServer } from '../libs/tor-egress/test/socks-server.ts';
import { startTorNetwork, type TestTor, type TestTorNetwork, whyNoTor } from '../tools/test-tor.mjs';
import { freePorts } from './stack/free-ports.ts';
import { describeWhere } from './stack/skip-loudly.ts';
import { startTestNames, type TestNames } from './stack/test-names.ts';

const MINUTES = 60_000;
/** Tor publishes a descriptor, and takes introduction points down, in its own time. */
const PATIENCE_MS = 4 * MINUTES;
const DOMAIN = 'outside.example';

const textOf = ({ body }: { body: Uint8Array }): string => Buffer.from(body).toString('utf8');
const idOf = (address: string): string => address.replace('.onion', '');

const controlOf = (tor: TestTor): Promise<TorControl> => {
  const [host = '', port = ''] = tor.controlAddress.split(':');
  return openTorControl({ host, port: Number(port), credentials: { password: tor.controlPassword } });
};

describeWhere(whyNoTor(), 'a private Tor network')('through Tor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-e2e-tor-'));
  const requests: IncomingMessage[] = [];
  let site: TestServer;
  let names: TestNames;
  let network: TestTorNetwork;
  /** Of the installation: it holds the onion services. */
  let home: TestTor;
  /** Of somebody else. */
  let away: TestTor;
  let visitor: TorEgress;
  let visitorControl: TorControl;
  let program: Program;
  let service: Awaited<ReturnType<Program['serve']>>;
  let tunnelPort: number;

  beforeAll(async () => {
    site = await listen(
      createHttpServer((request, response) => {
        requests.push(request);
        response.end(`hello at ${request.headers.host}`);
      }),
    );
    names = await startTestNames(DOMAIN, '127.0.0.1');
    const resolvConf = join(folder, 'resolv.conf');
    writeFileSync(resolvConf, `nameserver 127.0.0.1:${names.port}\n`);
    network = await startTorNetwork({ resolvConf });
    [home, away] = await Promise.all([
      network.startClient(),
      // It gives up on what is dead sooner than after two minutes.
      network.startClient({ lines: ['SocksTimeout 15'] }),
    ]);
    visitor = createTorEgress({ proxyUrl: away.proxyUrl });
    visitorControl = await controlOf(away);
    program = new Program();
    const [port = 0, forTunnel = 0] = await freePorts(2);
    tunnelPort = forTunnel;
    const environment = {
      TUNNEL_DATA_DIR: join(folder, 'onions'),
      TOR_CONTROL_ADDRESS: home.controlAddress,
      TOR_CONTROL_PASSWORD: home.controlPassword,
      TOR_PROXY_URL: home.proxyUrl,
      TUNNEL_LISTEN_HOST: '127.0.0.1',
      TUNNEL_PORTS: `${tunnelPort}-${tunnelPort}`,
      API_GATEWAY_URL: `http://127.0.0.1:${site.port}`,
    };
    service = await program.serve({ environment }, port);
  }, PATIENCE_MS);

  afterAll(async () => {
    await service?.close();
    program?.dispose();
    await visitorControl?.close();
    await visitor?.close();
    await network?.stop();
    await names?.stop();
    await site?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, MINUTES);

  const tools = () => service.client;
  const publish = async (name: string, clients?: string[]) =>
    tools().createOnion({
      body: { name, ports: [{ port: 80, service: 'api-gateway' }], ...(clients ? { clients } : {}) },
    });
  /** The page, or the code of why not, of one visit over new circuits. */
  const visit = async (address: string): Promise<string> => {
    visitor.renew('visit');
    try {
      return textOf(await visitor.fetch('visit', `http://${address}/`, { timeoutMs: 2 * MINUTES }));
    } catch (error) {
      if (isEgressError(error)) return error.code;
      throw error;
    }
  };
  const visitUntil = async (address: string, ...wanted: readonly string[]): Promise<void> => {
    for (;;) if (wanted.includes(await visit(address))) return;
  };
  const answersAt = (address: string) => visitUntil(address, `hello at ${address}`);
  const GONE: readonly EgressErrorCode[] = ['onion_not_found'];
  /** What a visitor hears of an address whose descriptor still goes about; the last is what gives up at SocksTimeout. */
  const DEAD: readonly EgressErrorCode[] = [
    ...GONE,
    'onion_introduction_failed',
    'onion_introduction_timed_out',
    'onion_rendezvous_failed',
    'ttl_expired',
  ];

  it(
    'an onion service answers a visitor, and its own verification',
    async () => {
      const { onion } = await publish('site');
      const verified = await tools().verifyOnion({ params: { name: 'site' }, body: { waitSeconds: 120 } });
      expect(verified).toMatchObject({
        ok: true,
        address: onion.address,
        ports: [{ port: 80, speaks: 'http', status: 200 }],
      });
      await answersAt(onion.address);
      expect(requests.at(-1)?.headers['user-agent']).toBeUndefined();
      expect((await tools().getOnion({ params: { name: 'site' } })).publishedAt).toBeGreaterThan(0);
      expect(await tools().getTorStatus()).toMatchObject({
        tor: { answers: true, progress: 100 },
        onions: { total: 1, running: 1 },
        unknownOnions: [],
      });
    },
    PATIENCE_MS,
  );

  it(
    'its descriptor is found by who looks for it',
    async () => {
      const { address } = await tools().getOnion({ params: { name: 'site' } });
      const heard = new Promise<void>((resolve) => {
        visitorControl.onDescriptor(({ action, serviceId }) => {
          if (action === 'RECEIVED' && serviceId === idOf(address)) resolve();
        });
      });
      await visitorControl.fetchDescriptor(idOf(address));
      await heard;
    },
    PATIENCE_MS,
  );

  it(
    'killed and back, Tor publishes it again',
    async () => {
      const { address } = await tools().getOnion({ params: { name: 'site' } });
      await home.stop();
      home.start();
      await home.joined();
      const verified = await tools().verifyOnion({ params: { name: 'site' }, body: { waitSeconds: 120 } });
      expect(verified.ok).toBe(true);
      await answersAt(address);
    },
    PATIENCE_MS,
  );

  it(
    'with a new address, the old one is dead and the new one answers',
    async () => {
      const before = await tools().getOnion({ params: { name: 'site' } });
      const { address } = await tools().rotateOnion({ params: { name: 'site' } });
      await answersAt(address);
      await visitorControl.newIdentity();
      expect(DEAD).toContain(await visit(before.address));
    },
    PATIENCE_MS,
  );

  it(
    'taken down, it is gone',
    async () => {
      const { address } = await tools().getOnion({ params: { name: 'site' } });
      await tools().removeOnion({ params: { name: 'site' } });
      // The visitor's Tor forgets what it knew of the service; it does so 10 s after the last time.
      await visitorControl.newIdentity();
      await visitUntil(address, 'onion_introduction_failed', 'onion_introduction_timed_out', ...GONE);
    },
    PATIENCE_MS,
  );

  it(
    'a service for some refuses strangers, lets in who has a key, until it is revoked',
    async () => {
      const { onion, clients } = await publish('club', ['ann']);
      const { address } = onion;
      const verified = await tools().verifyOnion({ params: { name: 'club' }, body: { waitSeconds: 120 } });
      expect(verified.ok).toBe(true);
      await visitUntil(address, 'onion_key_missing');
      const present = (base32: string) =>
        visitorControl.addClientKey({
          serviceId: idOf(address),
          privateKey: Buffer.from(base32ToBytes(base32) as Uint8Array).toString('base64'),
        });
      await present(createClientKeyPair().privateKey);
      await visitUntil(address, 'onion_key_wrong');
      await present(clients[0]?.privateKey as string);
      await answersAt(address);

      const bob = await tools().addClient({ params: { name: 'club' }, body: { client: 'bob' } });
      await tools().removeClient({ params: { name: 'club', client: 'ann' } });
      await visitUntil(address, 'onion_key_wrong');
      await present(bob.privateKey as string);
      await answersAt(address);
    },
    2 * PATIENCE_MS,
  );

  it(
    'names outside are resolved by an exit, and each purpose has circuits of its own',
    async () => {
      const egress = createTorEgress({ proxyUrl: home.proxyUrl });
      const control = await controlOf(home);
      try {
        const ask = (purpose: string) =>
          egress.fetch(purpose, `http://www.${DOMAIN}:${site.port}/`, { timeoutMs: MINUTES });
        // The first circuit to an exit may need another consensus.
        while ((await ask('one').catch(() => null))?.status !== 200);
        expect(textOf(await ask('two'))).toBe(`hello at www.${DOMAIN}:${site.port}`);
        expect(names.asked).toContain(`www.${DOMAIN}`);
        const circuits = (await control.circuits()).filter(({ socksUser }) => socksUser !== undefined);
        const users = new Set(circuits.map(({ socksUser }) => socksUser));
        expect([users.has('one'), users.has('two')]).toEqual([true, true]);
        const unknown = egress.fetch('one', 'http://nobody.invalid/', { timeoutMs: MINUTES });
        await expect(unknown).rejects.toMatchObject({ name: 'EgressError' });
      } finally {
        await control.close();
        await egress.close();
      }
    },
    PATIENCE_MS,
  );

  it(
    'TLS goes from here to the host',
    async () => {
      const { key, cert } = makeCertificate([`tls.${DOMAIN}`], Date.now());
      const server = await listen(
        createHttpsServer({ key, cert }, (_request, response) => void response.end('secret')),
      );
      const trusting = createTorEgress({ proxyUrl: home.proxyUrl, ca: [cert] });
      const careful = createTorEgress({ proxyUrl: home.proxyUrl });
      try {
        const url = `https://tls.${DOMAIN}:${server.port}/`;
        expect(textOf(await trusting.fetch('tls', url))).toBe('secret');
        await expect(careful.fetch('tls', url)).rejects.toMatchObject({ code: 'tls_failed' });
      } finally {
        await Promise.all([trusting.close(), careful.close()]);
        await server.stop();
      }
    },
    PATIENCE_MS,
  );

  it(
    "a tunnel leads to somebody else's onion service",
    async () => {
      const other = await visitorControl.addOnion({
        ports: [{ port: 7777, target: { host: '127.0.0.1', port: site.port } }],
      });
      const address = `${other.serviceId}.onion`;
      await tools().openTunnel({ body: { name: 'other', address, port: 7777 } });
      const askOnce = () =>
        new Promise<string>((resolve) => {
          let text = '';
          const socket = connect(tunnelPort, '127.0.0.1', () =>
            socket.write('GET / HTTP/1.1\r\nhost: through-a-tunnel\r\nconnection: close\r\n\r\n'),
          );
          socket.on('data', (part) => {
            text += part;
          });
          socket.on('error', () => {});
          socket.on('close', () => resolve(text));
        });
      let said = '';
      while (!said.includes('hello at through-a-tunnel')) said = await askOnce();
      await tools().closeTunnel({ params: { name: 'other' } });
    },
    PATIENCE_MS,
  );

  it(
    'where Tor is away nothing goes out, and every caller is told',
    async () => {
      await home.stop();
      const egress = createTorEgress({ proxyUrl: home.proxyUrl });
      const before = [site.connections(), names.asked.length];
      const outside = [`http://www.${DOMAIN}:${site.port}/`, `https://www.${DOMAIN}/`, 'http://9.9.9.9/'];
      for (const url of outside)
        await expect(egress.fetch('p', url)).rejects.toMatchObject({ code: 'proxy_unreachable' });
      const verified = await tools().verifyOnion({ params: { name: 'club' }, body: { waitSeconds: 0 } });
      expect(verified).toMatchObject({ ok: false, ports: [{ code: 'proxy_unreachable' }] });
      expect((await tools().getTorStatus()).tor.answers).toBe(false);
      expect([site.connections(), names.asked.length]).toEqual(before);
      await egress.close();
    },
    PATIENCE_MS,
  );
});
