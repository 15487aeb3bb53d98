/**
 * The rules of ops/firewall, by the kernel itself: a host with our bridges in a network namespace, containers on them, a neighbour on
 * its local network, and who reaches whom with and without the rules. Docker's own rules are not there, so these are judged alone.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { addressOn, type NetworkName, networks } from '@lucid/topology';
import { describeWhere } from '../stack/skip-loudly.ts';

const RULES = join(__dirname, '../../ops/firewall/lucid.nft');
const PORT = 9000;
const PUBLISHED = 8080;
/** Addresses of documentation (RFC 5737). */
const HOST_LAN = '192.0.2.1';
const NEIGHBOUR = '192.0.2.9';

const names = Object.keys(networks) as NetworkName[];
const space = (name: string) => `lucid-fw-${name}`;
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
const inSpace = (name: string, ...args: string[]) => run('ip', 'netns', 'exec', space(name), ...args);

function whyNoNamespaces(): string | null {
  if (process.getuid?.() !== 0) return 'only root makes network namespaces';
  const missing = ['ip', 'nft'].filter((name) => spawnSync(name, ['-V'], { stdio: 'ignore' }).error);
  if (missing.length > 0) return `${missing.join(', ')} not found`;
  const tried = spawnSync('ip', ['netns', 'add', space('try')], { encoding: 'utf8' });
  if (tried.status === 0) run('ip', 'netns', 'del', space('try'));
  return tried.status === 0 ? null : `no network namespace can be made: ${tried.stderr.trim()}`;
}

/** A namespace joined to the host's by a cable, into a bridge of the host; null: the cable's end has the gateway's address. */
function plugIn(
  name: string,
  { address, gateway, bridge }: { address: string; gateway: string; bridge: string | null },
): void {
  const end = `fw-${name}`;
  run('ip', 'netns', 'add', space(name));
  run('ip', 'link', 'add', end, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space(name));
  run('ip', 'link', 'set', end, 'netns', space('host'));
  if (bridge) inSpace('host', 'ip', 'link', 'set', end, 'master', bridge);
  else inSpace('host', 'ip', 'addr', 'add', `${gateway}/24`, 'dev', end);
  inSpace('host', 'ip', 'link', 'set', end, 'up');
  inSpace(name, 'ip', 'link', 'set', 'lo', 'up');
  inSpace(name, 'ip', 'link', 'set', 'eth0', 'up');
  inSpace(name, 'ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0');
  inSpace(name, 'ip', 'route', 'add', 'default', 'via', gateway);
}

const SERVER = `require('node:net').createServer((s) => s.end()).listen(${PORT}, '0.0.0.0', () => console.log('listens'));`;
const DIAL = `
const socket = require('node:net').connect({ host: process.argv[1], port: Number(process.argv[2]), timeout: 700 });
const end = (said) => { console.log(said); process.exit(0); };
socket.once('connect', () => end('open')).once('timeout', () => end('nothing')).once('error', (error) => end(error.code));
`;

/** Asynchronous, so that many wait at once for what does not answer. */
async function dial(from: string, host: string, port = PORT): Promise<string> {
  const child = spawn('ip', ['netns', 'exec', space(from), process.execPath, '-e', DIAL, host, String(port)]);
  let said = '';
  child.stdout.on('data', (part) => {
    said += part;
  });
  await once(child, 'close');
  return said.trim();
}

describeWhere(whyNoNamespaces(), 'rules of the firewall')('the firewall', () => {
  const servers: ChildProcess[] = [];
  const spaces = ['host', ...names, ...names.map((name) => `${name}2`), 'lan'];
  const octet = (network: NetworkName) => addressOn(network, network === 'front' ? 10 : 15);

  beforeAll(async () => {
    for (const name of spaces) spawnSync('ip', ['netns', 'del', space(name)]);
    run('ip', 'netns', 'add', space('host'));
    inSpace('host', 'ip', 'link', 'set', 'lo', 'up');
    inSpace('host', 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
    for (const name of names) {
      const { bridge } = networks[name];
      inSpace('host', 'ip', 'link', 'add', bridge, 'type', 'bridge');
      inSpace('host', 'ip', 'addr', 'add', `${addressOn(name, 1)}/24`, 'dev', bridge);
      inSpace('host', 'ip', 'link', 'set', bridge, 'up');
      plugIn(name, { address: octet(name), gateway: addressOn(name, 1), bridge });
      plugIn(`${name}2`, { address: addressOn(name, 200), gateway: addressOn(name, 1), bridge });
    }
    plugIn('lan', { address: NEIGHBOUR, gateway: HOST_LAN, bridge: null });
    // What Docker does for a port that is published on every address.
    inSpace(
      'host',
      'nft',
      'add table ip docker; add chain ip docker pre { type nat hook prerouting priority -100; }',
    );
    inSpace(
      'host',
      'nft',
      `add rule ip docker pre ip daddr ${HOST_LAN} tcp dport ${PUBLISHED} dnat to ${octet('front')}:${PORT}`,
    );
    for (const name of ['host', 'lan', ...names]) {
      const server = spawn('ip', ['netns', 'exec', space(name), process.execPath, '-e', SERVER]);
      servers.push(server);
      await once(server.stdout, 'data');
    }
  }, 60_000);
  afterAll(() => {
    for (const server of servers) server.kill('SIGKILL');
    for (const name of spaces) spawnSync('ip', ['netns', 'del', space(name)]);
  });

  /** Who reaches what, in order of the questions. */
  const ask = async (
    questions: readonly (readonly [from: string, what: string, host: string, port?: number])[],
  ) => {
    const said = await Promise.all(questions.map(([from, , host, port]) => dial(from, host, port)));
    return questions.map(([from, what], at) => `${from} → ${what}: ${said[at]}`);
  };

  const toHost = [
    ...names.map((name) => [`${name}2`, 'the host on its bridge', addressOn(name, 1)] as const),
    ...names.map((name) => [`${name}2`, 'the host on the local network', HOST_LAN] as const),
  ];
  const across = names.flatMap((from) =>
    names.filter((to) => to !== from).map((to) => [`${from}2`, to, octet(to)] as const),
  );
  const out = names.map((name) => [`${name}2`, 'the local network', NEIGHBOUR] as const);
  const fromLan = names.map((name) => ['lan', `${name} past the published port`, octet(name)] as const);
  const wanted = [
    ...names.map((name) => [`${name}2`, 'its own network', octet(name)] as const),
    ...names.map((name) => ['host', name, octet(name)] as const),
    ['lan', 'the published port', HOST_LAN, PUBLISHED] as const,
    ['lan', 'the host', HOST_LAN] as const,
    ['host', 'the local network', NEIGHBOUR] as const,
  ];

  it('is needed: without it all of this is open', async () => {
    const open = await ask([...toHost, ...across, ...out, ...fromLan, ...wanted]);
    expect(open.filter((line) => !line.endsWith(': open'))).toEqual([]);
  }, 60_000);

  describe('with its rules', () => {
    beforeAll(() => {
      inSpace('host', 'nft', '-f', RULES);
      // Again is the same.
      inSpace('host', 'nft', '-f', RULES);
    });

    it('leaves what is needed', async () => {
      expect((await ask(wanted)).filter((line) => !line.endsWith(': open'))).toEqual([]);
    }, 60_000);

    it('closes the ports of the host', async () => {
      expect((await ask(toHost)).filter((line) => !line.endsWith(': nothing'))).toEqual([]);
    }, 60_000);

    it('keeps networks apart', async () => {
      expect((await ask(across)).filter((line) => !line.endsWith(': nothing'))).toEqual([]);
    }, 60_000);

    it('lets nothing out but from edge', async () => {
      expect(await ask(out)).toEqual(
        names.map((name) => `${name}2 → the local network: ${networks[name].egress ? 'open' : 'nothing'}`),
      );
    }, 60_000);

    it('lets neighbours in by published ports only', async () => {
      expect((await ask(fromLan)).filter((line) => !line.endsWith(': nothing'))).toEqual([]);
    }, 60_000);

    it('counts what it dropped', () => {
      const counters = inSpace('host', 'nft', 'list', 'table', 'inet', 'lucid').matchAll(
        /counter packets (\d+) bytes \d+ drop/g,
      );
      expect([...counters].map(([, packets]) => Number(packets) > 0)).toEqual([true, true]);
    });

    it('goes as it came', async () => {
      inSpace('host', 'nft', 'delete', 'table', 'inet', 'lucid');
      expect((await ask(toHost)).filter((line) => !line.endsWith(': open'))).toEqual([]);
    }, 60_000);
  });
});
