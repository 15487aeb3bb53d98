/** The files that are made of the topology: that they are what it gives, what holds for every container in them, and what compose makes of them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networks, type ServiceName, serviceAt, serviceNames } from '@lucid/topology';
import { parse } from 'yaml';
import { whyNoDocker } from './stack/docker.ts';
import { describeWhere } from './stack/skip-loudly.ts';

const ROOT = join(__dirname, '..');
const FILES = ['layer0', 'layer1', 'layer2', 'lucid'] as const;

interface ComposeService {
  readonly image: string;
  readonly user: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly restart: string;
  readonly logging: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly dns: readonly string[];
  readonly tmpfs: readonly string[];
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly networks: Readonly<Record<string, { readonly ipv4_address: string }>>;
  readonly extra_hosts: readonly string[];
  readonly ports?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly mem_limit: string;
  readonly cpus: number;
  readonly pids_limit: number;
  readonly privileged?: boolean;
  readonly cap_add?: readonly string[];
  readonly network_mode?: string;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<
    Record<string, { readonly internal?: boolean; readonly driver_opts: Readonly<Record<string, string>> }>
  >;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly version?: string;
}

const textOf = (file: string): string => readFileSync(join(ROOT, 'compose', `${file}.yaml`), 'utf8');
const read = (file: string): ComposeFile => parse(textOf(file), { merge: true }) as ComposeFile;
const generate = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'tools/generate-topology.mjs'), ...args], { encoding: 'utf8' });

describe('the generator', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lucid-topology-'));
    mkdirSync(join(folder, 'docs'));
    cpSync(join(ROOT, 'docs/topology.md'), join(folder, 'docs/topology.md'));
    expect(generate('--into', folder).status).toBe(0);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gives what is here', () => {
    expect(generate('--check')).toMatchObject({ status: 0 });
    for (const name of [...FILES.map((file) => `compose/${file}.yaml`), 'ops/firewall/lucid.nft'])
      expect([name, readFileSync(join(folder, name), 'utf8')]).toEqual([
        name,
        readFileSync(join(ROOT, name), 'utf8'),
      ]);
  });

  it.each(['compose/layer1.yaml', 'ops/firewall/lucid.nft'])(
    'names %s where it is something else',
    (name) => {
      writeFileSync(join(folder, name), `${readFileSync(join(folder, name), 'utf8')}# by hand\n`);
      const run = generate('--check', '--into', folder);
      expect([run.status, run.stderr]).toEqual([
        1,
        `not what libs/topology gives: ${name}; run: node tools/generate-topology.mjs\n`,
      ]);
    },
  );

  it('names the docs where a cell of a table was changed, and a file that is gone', () => {
    const docs = join(folder, 'docs/topology.md');
    writeFileSync(docs, readFileSync(docs, 'utf8').replace('172.20.0.0/16', '172.19.0.0/16'));
    rmSync(join(folder, 'compose/layer0.yaml'));
    expect(generate('--check', '--into', folder).stderr).toContain('compose/layer0.yaml, docs/topology.md;');
  });
});

describe.each(FILES)('compose/%s.yaml', (name) => {
  const file = read(name);
  const rows = Object.entries(file.services) as [ServiceName, ComposeService][];

  it('has no version, and each service that belongs to it', () => {
    expect(file.version).toBeUndefined();
    const layers = name === 'lucid' ? 3 : Number(name.slice('layer'.length));
    const expected = serviceNames.filter(
      (each) => name === 'lucid' || (serviceAt(each).layer <= layers && serviceAt(each).profile !== 'dev'),
    );
    expect(rows.map(([each]) => each).sort()).toEqual([...expected].sort());
  });

  it('gives no container a right that it does not need', () => {
    for (const [service, each] of rows)
      expect({ service, ...each }).toMatchObject({
        service,
        user: '1000:1000',
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    expect(textOf(name)).not.toMatch(/privileged|cap_add|network_mode|pid:|ipc:|docker\.sock|userns_mode/);
  });

  it('bounds each: memory, processors, processes, logs, temporary files', () => {
    for (const [service, each] of rows) {
      expect([service, each.mem_limit]).toEqual([service, `${serviceAt(service).limits?.memoryMb}m`]);
      expect([service, each.cpus > 0 && each.cpus <= 2, each.pids_limit <= 512]).toEqual([
        service,
        true,
        true,
      ]);
      expect(each.logging).toEqual({ driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } });
      expect(each.tmpfs[0]).toMatch(/^\/tmp:size=\d+m/);
      expect(each.restart).toBe('unless-stopped');
    }
  });

  it('waits for health of what comes first, which is in the file', () => {
    for (const [service, { depends_on = {} }] of rows)
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect([service, other, condition]).toEqual([service, other, 'service_healthy']);
        expect(Object.keys(file.services)).toContain(other);
      }
  });

  it('lets nothing but tor-proxy have a way out, and publishes from front only', () => {
    const open = Object.entries(file.networks).filter(([, { internal }]) => !internal);
    expect(open.map(([key]) => key).sort()).toEqual(['edge', 'front']);
    expect(file.networks.front?.driver_opts['com.docker.network.bridge.enable_ip_masquerade']).toBe('false');
    const on = (network: string) =>
      rows.filter(([, each]) => network in each.networks).map(([service]) => service);
    expect(on('edge')).toEqual(['tor-proxy']);
    const published = rows.filter(([, { ports = [] }]) => ports.length > 0).map(([service]) => service);
    expect(published).toEqual(on('front'));
    for (const [, { ports = [] }] of rows)
      for (const port of ports) expect(port).toMatch(/^(\$\{LUCID_PUBLISH:-127\.0\.0\.1\}|127\.0\.0\.1):/);
  });

  it('tells each container the addresses of those it shares a closed network with, and asks no server', () => {
    for (const [service, each] of rows) {
      expect([service, each.dns]).toEqual([service, ['127.0.0.1']]);
      const closed = Object.keys(each.networks).filter((key) => file.networks[key]?.internal);
      const known = new Set(each.extra_hosts.map((line) => line.split(':')[0]));
      for (const [other, { networks: its }] of rows)
        expect([service, other, known.has(other)]).toEqual([
          service,
          other,
          closed.some((key) => key in its),
        ]);
    }
  });

  it('reads every secret from a file in one folder, and names it nowhere else', () => {
    for (const [secret, { file: path }] of Object.entries(file.secrets))
      expect(path).toBe(`\${LUCID_SECRETS:-./secrets}/${secret}`);
    const used = new Set(rows.flatMap(([, { secrets = [] }]) => secrets));
    expect([...used].sort()).toEqual(Object.keys(file.secrets).sort());
  });

  it('says in the docs what may be set', () => {
    const docs = readFileSync(join(ROOT, 'docs/topology.md'), 'utf8');
    const variables = new Set([...textOf(name).matchAll(/\$\{(\w+)/g)].map(([, variable]) => variable));
    expect([...variables].filter((variable) => !docs.includes(`| \`${variable}\` |`))).toEqual([]);
  });
});

it('names every bridge for the rules of the firewall', () => {
  const rules = readFileSync(join(ROOT, 'ops/firewall/lucid.nft'), 'utf8');
  for (const { bridge } of Object.values(networks)) {
    expect(bridge.length).toBeLessThanOrEqual(15);
    expect(rules).toContain(`"${bridge}"`);
  }
});

describeWhere(whyNoDocker(), 'compose files by compose itself')('compose', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lucid-compose-'));
    for (const name of readdirSync(join(ROOT, 'compose')).filter((each) => each.endsWith('.yaml')))
      cpSync(join(ROOT, 'compose', name), join(folder, name));
    execFileSync(process.execPath, [join(ROOT, 'tools/make-secrets.mjs'), join(folder, 'secrets')]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const config = (name: string, env: Readonly<Record<string, string>> = {}, ...args: string[]) => {
    const run = spawnSync(
      'docker',
      ['compose', '-f', join(folder, `${name}.yaml`), ...args, 'config', '--format', 'json'],
      { encoding: 'utf8', env: { ...process.env, ...env } },
    );
    expect([run.stderr, run.status]).toEqual(['', 0]);
    return JSON.parse(run.stdout) as {
      name: string;
      services: Record<
        string,
        {
          image: string;
          environment?: Record<string, string>;
          volumes?: { type: string; source: string }[];
          ports?: unknown[];
        }
      >;
    };
  };

  it.each(FILES)('reads %s without a word, with the profiles of .env', (name) => {
    const { services, name: project } = config(name);
    expect(project).toBe('lucid');
    const expected = Object.keys(read(name).services).filter(
      (each) => !['dev', 'governance', 'standalone'].includes(serviceAt(each as ServiceName).profile ?? ''),
    );
    expect(Object.keys(services).sort()).toEqual(expected.sort());
  });

  it('starts a group of services alone', () => {
    const { services } = config('lucid', {}, '--profile', 'authentication');
    expect(Object.keys(services)).toContain('authentication');
    expect(Object.keys(services)).not.toContain('session-api');
  });

  it('takes images, their version, the place of all data and of ports from settings', () => {
    const { services } = config('layer1', {
      LUCID_REGISTRY: 'registry.example/lucid',
      LUCID_VERSION: '1.2.3',
      LUCID_DATA: '/srv/lucid',
      LUCID_PUBLISH: '0.0.0.0',
      LUCID_API_GATEWAY_PORT: '443',
    });
    expect(services.redis?.image).toBe('registry.example/lucid:redis-1.2.3');
    const sources = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.map(({ source }) => source),
    );
    expect(new Set(sources.filter((source) => !source.startsWith('/srv/lucid/')))).toEqual(
      new Set([join(folder, 'tor')]),
    );
    expect(services['api-gateway']?.ports).toMatchObject([{ host_ip: '0.0.0.0', published: '443' }]);
  });

  it('gives other nodes the chain within its network alone, and follows one where that is named', () => {
    const chainOf = (env: Record<string, string> = {}) => config('layer2', env).services['on-system-chain'];
    expect(chainOf()?.ports).toBeUndefined();
    expect(chainOf()?.environment).toMatchObject({
      CHAIN_PEER_PORT: '7000',
      CHAIN_PEER_HOST: '0.0.0.0',
      CHAIN_PRODUCE: '',
      CHAIN_PEERS: '',
    });
    const following = { LUCID_CHAIN_PEERS: 'http://x.onion:7000', LUCID_CHAIN_PEER_KEY: 'x+1+2' };
    expect(chainOf(following)?.environment).toMatchObject({
      CHAIN_PRODUCE: 'off',
      CHAIN_PEERS: 'http://x.onion:7000',
      CHAIN_PEER_KEY: 'x+1+2',
    });
  });

  it('keeps data in volumes where no folder is named', () => {
    const { services } = config('layer1');
    expect(services.mongodb?.volumes).toMatchObject([{ type: 'volume', source: 'mongodb_data' }]);
    expect(services.redis?.image).toBe('pickme/lucid:redis');
  });

  it('says what to do where there are no keys', () => {
    const run = spawnSync(
      'docker',
      ['compose', '--env-file', '/dev/null', '-f', join(folder, 'layer1.yaml'), 'config', '-q'],
      { encoding: 'utf8', env: { ...process.env, COMPOSE_PROFILES: '' } },
    );
    expect([run.status === 0, run.stderr]).toEqual([
      false,
      expect.stringContaining('keys are missing, run: node tools/make-secrets.mjs'),
    ]);
  });
});
