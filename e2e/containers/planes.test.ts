/**
 * The planes as walls, measured from inside: every container tries every address of every other, and what lies outside. With tor-proxy
 * stopped nothing leaves, as the bridges' own packets show.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type NetworkName, networks, type ServiceName, serviceAt } from '@lucid/topology';
import { containerOf } from '../stack/compose-containers.ts';
import { whyNoComposeStack } from '../stack/compose-settings.ts';
import { type ComposeStack, startComposeStack } from '../stack/compose-stack.ts';
import { docker } from '../stack/docker.ts';
import { OUTSIDE, OutsideHost } from '../stack/outside-host.ts';
import { describeWhere } from '../stack/skip-loudly.ts';
import { until } from '../stack/until.ts';

const ROOT = join(__dirname, '../..');
const LAYER = { file: 'layer2' } as const;
const RULES = join(ROOT, 'ops/firewall/lucid.nft');
/** What an address says that was reached: tor that is told to call nobody listens to nobody. */
const REACHED = new Set(['open', 'ECONNREFUSED']);

interface Target {
  readonly host: string;
  readonly port: number;
}

/** Runs inside a container: tries each target, and writes whether it opened, or the error's code. */
const PROBE = `
const { connect } = require('node:net');
const targets = JSON.parse(process.argv[1]);
const one = ({ host, port }) => new Promise((resolve) => {
  const socket = connect({ host, port, timeout: 1500 });
  const end = (said) => { socket.destroy(); resolve(said); };
  socket.once('connect', () => end('open'));
  socket.once('timeout', () => end('ETIMEDOUT'));
  socket.once('error', (error) => end(error.code));
});
Promise.all(targets.map(one)).then((said) => console.log(JSON.stringify(said)));
`;

const imageOfBase = `${process.env.LUCID_REGISTRY ?? 'pickme/lucid'}:base`;

const hasNode = (name: ServiceName) => serviceAt(name).image?.kind === 'node';

async function probe(from: ServiceName, targets: readonly Target[]): Promise<string[]> {
  const out = await docker([
    'exec',
    containerOf(from),
    '/nodejs/bin/node',
    '-e',
    PROBE,
    JSON.stringify(targets),
  ]);
  return JSON.parse(out) as string[];
}

function whyNoPackets(): string | null {
  if (process.getuid?.() !== 0) return 'only root sees packets of bridges';
  const missing = ['tcpdump', 'ip'].filter((name) => spawnSync(name, ['-V'], { stdio: 'ignore' }).error);
  return missing.length > 0 ? `${missing.join(', ')} not found` : whyNoComposeStack(LAYER);
}

/** Packets on the stack's bridges that are meant for other machines. */
class Watch {
  readonly #child: ChildProcess;
  #said = '';
  #seen = '';

  constructor() {
    const bridges = Object.values(networks).map(({ bridge }) => bridge);
    const inside = 'dst net 172.16.0.0/12 or dst net 224.0.0.0/4 or dst host 255.255.255.255';
    // -i any, then by name of the bridge: it is one process for all.
    this.#child = spawn('tcpdump', ['-i', 'any', '-n', '-l', '-q', 'ip', 'and', 'not', `(${inside})`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (part) => {
      this.#seen += String(part)
        .split('\n')
        .filter((line) => bridges.some((bridge) => line.includes(bridge)))
        .map((line) => `${line}\n`)
        .join('');
    });
    this.#child.stderr?.on('data', (part) => {
      this.#said += part;
    });
  }

  ready = () => until('tcpdump listens', async () => this.#said.includes('listening on'));

  get seen(): string {
    return this.#seen;
  }

  async end(): Promise<string> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGINT');
    await ended;
    return this.#seen;
  }
}

describeWhere(whyNoPackets(), 'planes of containers')('planes of containers', () => {
  const outside = new OutsideHost();
  let stack: ComposeStack;
  beforeAll(async () => {
    await outside.start();
    stack = await startComposeStack({ root: ROOT, ...LAYER });
  }, 240_000);
  afterAll(async () => {
    await stack?.stop();
    outside.stop();
  }, 120_000);

  it('lets a container reach those on its own networks, and nobody else', async () => {
    const targets = stack.services.flatMap((name) =>
      serviceAt(name).networks.map((network: NetworkName) => ({
        what: `${name} on ${network}`,
        network,
        host: stack.addressOf(name, network),
        port: serviceAt(name).containerPort,
      })),
    );
    const wrong: string[] = [];
    for (const from of stack.services.filter(hasNode)) {
      const said = await probe(from, targets);
      for (const [at, { what, network }] of targets.entries()) {
        const shared = serviceAt(from).networks.includes(network);
        if (REACHED.has(said[at] ?? '') !== shared) wrong.push(`${from} to ${what}: ${said[at]}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 180_000);

  /** Apps that reach a machine outside. */
  async function whoGetsOut(): Promise<string[]> {
    const said = await Promise.all(
      stack.services.filter(hasNode).map(async (name) => ({ name, said: await probe(name, [OUTSIDE]) })),
    );
    return said.filter((each) => REACHED.has(each.said[0] ?? '')).map(({ name }) => name);
  }

  it('has no way out but edge, where Docker alone stands, and what is published', async () => {
    const fronts = stack.services.filter((name) => serviceAt(name).networks.includes('front'));
    expect((await whoGetsOut()).filter((name) => !fronts.includes(name as ServiceName))).toEqual([]);
    const onEdge = ['run', '--rm', '--network', networks.edge.name, imageOfBase, '-e', PROBE];
    expect(JSON.parse(await docker([...onEdge, JSON.stringify([OUTSIDE])]))).toEqual(['open']);
  }, 60_000);

  it('has none but edge with the rules of the firewall', async () => {
    spawnSync('nft', ['-f', RULES]);
    try {
      expect(await whoGetsOut()).toEqual([]);
      expect((await stack.ask('session-api', '/health')).status).toBe(200);
    } finally {
      spawnSync('nft', ['delete', 'table', 'inet', 'lucid']);
    }
  }, 60_000);

  it('sends nothing out while tor-proxy is stopped, and a caller is told', async () => {
    await stack.stopOne('tor-proxy');
    const watch = new Watch();
    await watch.ready();
    const callers = [
      ['exec', containerOf('tunnel-tools'), '/nodejs/bin/node', '/app/main.mjs', 'onion', 'status'],
      ['exec', containerOf('server-tools'), '/nodejs/bin/node', '/app/main.mjs', 'diag', 'tor'],
    ];
    const told = await Promise.all(
      callers.map((args) => docker(args).then(String, (error: Error) => error.message)),
    );
    expect(told.join('\n')).toMatch(/tor/i);
    const names = stack.services.filter(hasNode);
    await Promise.all(names.map((from) => probe(from, [{ host: 'example.invalid', port: 80 }])));
    expect(await watch.end()).toBe('');
    await stack.start('tor-proxy');
    await stack.ready('tor-proxy');
  }, 120_000);

  it('would see a packet that leaves', async () => {
    const watch = new Watch();
    await watch.ready();
    await probe('api-gateway', [OUTSIDE]);
    await until('the packet is seen', async () => watch.seen.includes(OUTSIDE.host));
    await watch.end();
  }, 60_000);
});
