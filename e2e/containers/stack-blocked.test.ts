/** What keeps a stack from starting is found before anything is started, named, and never with a secret in it. */
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ComposeFolder } from '../stack/compose-folder.ts';
import { docker, whyNoDocker, whyNoImages } from '../stack/docker.ts';
import { describeWhere } from '../stack/skip-loudly.ts';

const ROOT = join(__dirname, '../..');
const LAYER = 'layer1.yaml';
/** Of images that hold nothing, so that no test waits for a build. */
const EMPTY = 'lucid-e2e-empty:none';
const NODE = `${process.env.LUCID_REGISTRY ?? 'pickme/lucid'}:base`;
const isRoot = process.getuid?.() === 0;

describeWhere(whyNoDocker(), 'what keeps a stack from starting')('a stack', () => {
  let stack: ComposeFolder;
  beforeAll(async () => {
    stack = new ComposeFolder(ROOT);
    stack.write('Dockerfile', 'FROM scratch\nCOPY Dockerfile /\n');
    await docker(['build', '-q', '-t', EMPTY, '-f', join(stack.folder, 'Dockerfile'), stack.folder]);
  }, 60_000);
  afterAll(async () => {
    stack?.remove();
    await docker(['image', 'rm', '-f', EMPTY]);
  });

  const failed = (name: string, env: Readonly<Record<string, string>> = {}) =>
    stack
      .findings(name, LAYER, env)
      .filter(({ status }) => status === 'fail')
      .map(({ text, advice }) => `${text} → ${advice}`);

  describe('is told of a secret that', () => {
    const names = ['recorder_key', 'ledger_key', 'session-api_key', 'redis_config', 'mongo_password'];
    const pem = 'session-api_key';
    const damages: readonly (readonly [
      what: string,
      name: string,
      damage: (path: string) => void,
      says: RegExp,
    ])[] = [
      [
        'is missing',
        pem,
        (path) => rmSync(path),
        /is missing → Make what is missing: node tools\/make-secrets/,
      ],
      [
        'is a folder, as Docker makes them',
        'mongo_url',
        (path) => {
          rmSync(path);
          mkdirSync(path);
        },
        /is a folder, not a file|is a folder → Remove it/,
      ],
      ['is empty', 'auth_secret', (path) => writeFileSync(path, '\n'), /is empty → Restore it/],
      ['is no key', pem, (path) => writeFileSync(path, 'x'), /is no service key/],
      ['is no signer key', 'recorder_key', (path) => writeFileSync(path, 'x'), /is no signer key/],
      ['is no keyring', 'keyring', (path) => writeFileSync(path, '{'), /keyring .* is no keyring/],
      [
        'is the key of another caller',
        pem,
        (path) => writeFileSync(path, readFileSync(stack.secretPath('api-server_key'))),
        /is another key than the one that keyring has/,
      ],
      [
        'is another recorder',
        'recorder_key',
        (path) => writeFileSync(path, readFileSync(stack.secretPath('ledger_key'))),
        /does not fit its public key in \.env/,
      ],
      [
        'has another password',
        'mongo_password',
        (path) => writeFileSync(path, 'other'),
        /mongo_url .* another password than mongo_password/,
      ],
      [
        'has another password of Redis',
        'redis_config',
        (path) => writeFileSync(path, 'requirepass other'),
        /redis_url .* another password than redis_config/,
      ],
      [
        'has another password of tor',
        'tor_control_password',
        (path) => writeFileSync(path, 'other'),
        /tor_control .* is not the hash of tor_control_password/,
      ],
      [
        'nobody reads in a container',
        'redis_url',
        (path) => {
          chmodSync(path, 0o600);
          if (isRoot) chownSync(path, 0, 0);
        },
        /cannot be read inside containers.* → chmod 644/,
      ],
    ];

    it('is as it was made: of none', () => {
      expect(failed('secrets')).toEqual([]);
    });

    it.each(damages)('%s: %s', (_what, name, damage, says) => {
      const path = stack.secretPath(name);
      const before = readFileSync(path);
      const secrets = names.map((each) => readFileSync(stack.secretPath(each), 'utf8').trim());
      damage(path);
      try {
        const said = failed('secrets');
        expect(said.join('\n')).toMatch(says);
        expect(said.join('\n')).toContain(stack.secrets);
        const up = stack.told<{ error: string }>('up', LAYER);
        expect([up.status, up.json.error]).toEqual([1, 'stack_blocked']);
        for (const secret of secrets) expect(up.stdout + up.stderr + said.join()).not.toContain(secret);
      } finally {
        rmSync(path, { recursive: true, force: true });
        writeFileSync(path, before, { mode: 0o644 });
      }
    });
  });

  it('is told of images that are not there, and how to build them', () => {
    const run = stack.told<{ error: string }>('up', LAYER, { env: { LUCID_REGISTRY: 'lucid-e2e-none' } });
    expect([run.status, run.json.error]).toEqual([1, 'stack_blocked']);
    expect(run.stderr).toMatch(
      /^lucid: 16 of 16 are not on this machine: lucid-e2e-none:\S+, .* and 12 more\. Build them: npx nx run-many -t docker-build; or /,
    );
  });

  it('is told of a profile that is none', () => {
    const run = stack.told<{ error: string }>('up', LAYER, { args: ['--profile', 'sesion'] });
    expect([run.status, run.stderr]).toEqual([
      2,
      expect.stringMatching(
        /--profile sesion: there is no such profile; known are (?=.*authentication)(?=.*session-pipeline)/,
      ),
    ]);
  });

  it('is told that no daemon answers', () => {
    const run = stack.told<{ error: string }>('up', LAYER, { env: { DOCKER_HOST: 'unix:///nowhere.sock' } });
    expect([run.status, run.json.error, run.stderr]).toEqual([
      3,
      'docker_missing',
      expect.stringContaining('no Docker daemon answers at unix:///nowhere.sock (DOCKER_HOST)'),
    ]);
  });

  it('is told of settings that lack the public keys, and of a file that is none', () => {
    const bare = stack.findings('file', LAYER, { LUCID_RECORDER_VERIFIER_KEY: '' });
    expect(bare).toMatchObject([
      { status: 'fail', text: expect.stringContaining('keys are missing, run: node tools/make-secrets.mjs') },
    ]);
    stack.write('broken.yaml', 'services: {a: {image: [}}');
    expect(stack.findings('file', 'broken.yaml')).toMatchObject([{ status: 'fail' }]);
  });

  it('is told of addresses that another network has', async () => {
    await docker(['network', 'create', '--subnet', '172.20.77.0/24', 'lucid-e2e-overlap']);
    try {
      expect(failed('networks').join()).toMatch(
        /lucid-pi-network \(172\.20\.0\.0\/16\) are taken by the network lucid-e2e-overlap \(172\.20\.77\.0\/24\) → Remove it \(docker network rm lucid-e2e-overlap\)/,
      );
    } finally {
      await docker(['network', 'rm', 'lucid-e2e-overlap']);
    }
    expect(failed('networks')).toEqual([]);
  });

  it('is told of a network of its name that is not its own', async () => {
    const label = ['--label', 'com.docker.compose.project=other'];
    await docker(['network', 'create', '--subnet', '172.28.0.0/24', ...label, 'lucid-edge-net']);
    try {
      expect(failed('networks')).toEqual([
        'the network lucid-edge-net belongs to the stack other → Take that stack down: docker compose -p other down',
      ]);
    } finally {
      await docker(['network', 'rm', 'lucid-edge-net']);
    }
  });

  it('is told of a container that has the name of one of its own', async () => {
    await docker(['create', '--name', 'lucid_redis', EMPTY, '/none']);
    try {
      expect(failed('names')).toEqual([
        'the name lucid_redis is taken by a container that belongs to no stack → Remove it: docker rm -f lucid_redis',
      ]);
    } finally {
      await docker(['rm', '-f', 'lucid_redis']);
    }
  });

  it('is told of a port that a program has, and of an address that this machine has not', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    try {
      expect(failed('ports', { LUCID_API_GATEWAY_PORT: String(port) })).toEqual([
        `127.0.0.1:${port} for api-gateway cannot be had: another program uses this address → Stop that program, or set another port in compose/.env: LUCID_API_GATEWAY_PORT=${port + 1}`,
      ]);
    } finally {
      server.close();
    }
    expect(failed('ports', { LUCID_PUBLISH: '203.0.113.9' }).join()).toMatch(
      /203\.0\.113\.9 is no address of this machine.*Correct LUCID_PUBLISH/,
    );
  });

  it('is told of a folder for data that is not there, or not of its user', () => {
    const folder = join(stack.folder, 'data');
    const env = { LUCID_DATA: folder };
    expect(failed('data', env)[0]).toMatch(
      /data\/\w+ for \S+ is not there → Make it for user 1000: sudo install/,
    );
    mkdirSync(folder);
    mkdirSync(join(folder, 'redis_data'));
    const other = failed('data', env).filter((each) => each.includes('redis_data'));
    if (isRoot) {
      expect(other.join()).toMatch(
        /belongs to user 0, but redis writes as user 1000 → .*sudo chown -R 1000:1000/,
      );
      chownSync(join(folder, 'redis_data'), 1000, 1000);
    }
    expect(failed('data', env).filter((each) => each.includes('redis_data'))).toEqual([]);
    rmSync(join(folder, 'redis_data'), { recursive: true });
    writeFileSync(join(folder, 'redis_data'), '');
    expect(failed('data', env).join()).toMatch(/redis_data for redis is no folder/);
  });

  it('is told of a folder with settings of tor that is not there: tor would do without its bridges', () => {
    expect(failed('settings', { LUCID_TOR_CONFIG: '/nowhere/tor' })).toEqual([
      '/nowhere/tor with settings of tor-proxy is not there → Correct the setting that names it (LUCID_TOR_CONFIG), or make the folder.',
    ]);
  });

  describeWhere(whyNoImages([NODE]), 'containers of others that are in the way')(
    'beside a running container',
    () => {
      const SUBNET = '172.29.77.0/24';
      const run = (...args: string[]) =>
        docker([
          'run',
          '-d',
          '--name',
          'lucid-e2e-other',
          ...args,
          NODE,
          '-e',
          'setInterval(() => {}, 1000)',
        ]);
      afterEach(() => docker(['rm', '-f', 'lucid-e2e-other']));

      it('is told of an address that it has', async () => {
        const project = `com.docker.compose.project=${stack.project}`;
        const labels = ['--label', project, '--label', 'com.docker.compose.network=net'];
        await docker(['network', 'create', '--subnet', SUBNET, ...labels, 'lucid-e2e-net']);
        stack.write(
          'small.yaml',
          [
            `services: {a: {image: '${EMPTY}', networks: {net: {ipv4_address: 172.29.77.10}}}}`,
            `networks: {net: {name: lucid-e2e-net, ipam: {config: [{subnet: ${SUBNET}}]}}}`,
          ].join('\n'),
        );
        try {
          await run('--network', 'lucid-e2e-net', '--ip', '172.29.77.10');
          expect(stack.findings('addresses', 'small.yaml')).toEqual([
            {
              name: 'addresses',
              status: 'fail',
              text: '172.29.77.10 of a on lucid-e2e-net is taken by the container lucid-e2e-other',
              advice: 'Stop that container: docker stop lucid-e2e-other',
            },
          ]);
        } finally {
          await docker(['rm', '-f', 'lucid-e2e-other']);
          await docker(['network', 'rm', 'lucid-e2e-net']);
        }
      });

      it('is told of a port that it publishes', async () => {
        await run('-p', '127.0.0.1::1234');
        const port = (await docker(['port', 'lucid-e2e-other', '1234'])).split(':').at(-1) ?? '';
        expect(failed('ports', { LUCID_API_GATEWAY_PORT: port }).join()).toContain(
          `127.0.0.1:${port} for api-gateway is published by the container lucid-e2e-other`,
        );
      });
    },
  );
});
