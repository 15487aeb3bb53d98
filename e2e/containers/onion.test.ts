/**
 * The gateway as an onion service: made by tunnel-tools, served by tor-proxy, visited through Tor's own way out from another machine of
 * a private Tor network; strangers are refused where clients are named, and a restart of tor-proxy brings it back.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tunnelToolsContract } from '@lucid/contracts';
import { base32ToBytes, openTorControl } from '@lucid/tor-control';
import { createTorEgress, type TorEgress } from '@lucid/tor-egress';
import { startTorNetwork, type TestTor, type TestTorNetwork, whyNoTor } from '../../tools/test-tor.mjs';
import { containerOf } from '../stack/compose-containers.ts';
import { whyNoComposeStack } from '../stack/compose-settings.ts';
import { type ComposeStack, startComposeStack } from '../stack/compose-stack.ts';
import { docker } from '../stack/docker.ts';
import { describeWhere } from '../stack/skip-loudly.ts';
import { until } from '../stack/until.ts';

const ROOT = join(__dirname, '../..');
const LAYER = { file: 'layer0' } as const;
/** Of TEST-NET-2 (RFC 5737), on an interface of this machine alone; containers on edge reach it as they would the internet. */
const TOR_ADDRESS = '198.51.100.20';
const INTERFACE = 'lucid-tor';
const TOR_TIMEOUT_MS = 400_000;
/** For Tor to join its network and to publish a service, on a busy machine. */
const PUBLISHED_MS = 180_000;

function whyNoPrivateTor(): string | null {
  if (process.getuid?.() !== 0) return 'only root gives this machine another address';
  if (spawnSync('ip', ['-V'], { stdio: 'ignore' }).error) return 'ip not found';
  return whyNoTor() ?? whyNoComposeStack(LAYER);
}

describeWhere(whyNoPrivateTor(), 'onion services of containers')('the gateway as an onion service', () => {
  let folder: string;
  let network: TestTorNetwork;
  let visitor: TestTor;
  let egress: TorEgress;
  let stack: ComposeStack;

  beforeAll(async () => {
    spawnSync('ip', ['link', 'del', INTERFACE]);
    execFileSync('ip', ['link', 'add', INTERFACE, 'type', 'bridge']);
    execFileSync('ip', ['addr', 'add', `${TOR_ADDRESS}/32`, 'dev', INTERFACE]);
    execFileSync('ip', ['link', 'set', INTERFACE, 'up']);
    folder = mkdtempSync(join(tmpdir(), 'lucid-onion-'));
    // tor reads it as user 1000.
    chmodSync(folder, 0o755);
    network = await startTorNetwork({ address: TOR_ADDRESS });
    writeFileSync(join(folder, 'private.conf'), network.config);
    // It gives up on what is dead, and asks anew, sooner than after two minutes.
    visitor = await network.startClient({ lines: ['SocksTimeout 15'] });
    await visitor.joined();
    egress = createTorEgress({ proxyUrl: visitor.proxyUrl });
    stack = await startComposeStack({ root: ROOT, ...LAYER, torConfig: folder });
  }, TOR_TIMEOUT_MS);
  afterAll(async () => {
    await stack?.stop();
    await egress?.close();
    await network?.stop();
    spawnSync('ip', ['link', 'del', INTERFACE]);
    if (folder) rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  const tunnels = () => stack.clientOf(tunnelToolsContract);
  const visit = (address: string) => egress.fetch('visit', `http://${address}/health`);
  const answers = (address: string) =>
    until(`${address} answers`, async () => (await visit(address)).status === 200, PUBLISHED_MS);

  it(
    'answers a visitor, also after tor-proxy died',
    async () => {
      const { onion } = await tunnels().createOnion({
        body: { name: 'gateway', ports: [{ port: 80, service: 'api-gateway' }] },
      });
      await answers(onion.address);
      expect(JSON.parse(Buffer.from((await visit(onion.address)).body).toString('utf8'))).toMatchObject({
        service: 'api-gateway',
      });
      await stack.crash('tor-proxy');
      await answers(onion.address);
    },
    TOR_TIMEOUT_MS,
  );

  it(
    'is visited by the command of the image, which says so',
    async () => {
      const command = ['exec', containerOf('tunnel-tools'), '/nodejs/bin/node', '/app/main.mjs'];
      const said = JSON.parse(await docker([...command, 'onion', 'verify', 'gateway', '--wait', '60']));
      expect(said).toMatchObject({ ok: true, ports: [{ port: 80, ok: true, speaks: 'http' }] });
    },
    TOR_TIMEOUT_MS,
  );

  it(
    'refuses a stranger where clients are named, and lets the client in',
    async () => {
      const { onion, clients } = await tunnels().createOnion({
        body: { name: 'private', ports: [{ port: 80, service: 'api-gateway' }], clients: ['auditor'] },
      });
      await until('the stranger is refused for want of a key', () =>
        visit(onion.address).then(
          () => false,
          (error: { code?: string }) => error.code === 'onion_key_missing',
        ),
      );
      const { host, port } = splitAddress(visitor.controlAddress);
      const credentials = { password: visitor.controlPassword };
      const control = await openTorControl({ host, port, credentials });
      try {
        const privateKey = Buffer.from(base32ToBytes(clients[0]?.privateKey ?? '') ?? []).toString('base64');
        await control.addClientKey({ serviceId: onion.address.replace(/\.onion$/, ''), privateKey });
        await answers(onion.address);
      } finally {
        await control.close();
      }
    },
    TOR_TIMEOUT_MS,
  );
});

function splitAddress(address: string): { host: string; port: number } {
  const [host = '', port] = address.split(':');
  return { host, port: Number(port) };
}
