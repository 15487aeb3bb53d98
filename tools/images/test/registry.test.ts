import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../e2e/stack/free-ports.ts';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { docker } from '../daemon.mjs';
import { root } from '../download.mjs';
import { hostOf } from '../origin.mjs';

const run = (
  command: 'build' | 'push',
  args: readonly string[],
  environment: Record<string, string | undefined>,
) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`tools/images/${command}.mjs`, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, LUCID_REGISTRY: undefined, BASE_IMAGE: 'assembled', ...environment },
  });
  return { status, out: stdout, err: stderr.trim() };
};

test.each([
  ['gcr.io/distroless/nodejs20-debian12:nonroot', 'gcr.io'],
  ['127.0.0.1:5000/a', '127.0.0.1:5000'],
  ['localhost/a', 'localhost'],
  ['mongo:7', 'registry-1.docker.io'],
  ['pickme/lucid:base', 'registry-1.docker.io'],
])('the registry of %s is %s', (reference, host) => {
  expect(hostOf(reference)).toBe(host);
});

test.each([
  [undefined, 'LUCID_REGISTRY is not set; it names where to push, as in ghcr.io/you/lucid'],
  ['gcr.io/distroless', "images that were assembled here are not Google's"],
  ['eu.gcr.io/distroless/lucid', "images that were assembled here are not Google's"],
])('nothing is pushed to %s', (registry, why) => {
  const { status, err } = run('push', ['base'], { LUCID_REGISTRY: registry });
  expect([status, err]).toEqual([1, expect.stringContaining(why)]);
});

function whyNoRegistry(): string | null {
  if (!docker(['version']).ok) return 'no docker daemon answers';
  if (!docker(['buildx', 'version']).ok) return 'docker has no buildx plugin';
  return spawnSync('docker-registry', ['--version']).error ? 'docker-registry is not installed' : null;
}

describeWhere(whyNoRegistry(), 'images in a registry')('a registry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-registry-'));
  let server: ChildProcess;
  let registry: string;

  beforeAll(async () => {
    const [port] = await freePorts(1);
    registry = `127.0.0.1:${port}/lucid`;
    const config = {
      version: '0.1',
      storage: { filesystem: { rootdirectory: folder } },
      http: { addr: `127.0.0.1:${port}` },
    };
    writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
    server = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      server.stderr?.on('data', (text) => {
        said += text;
        if (said.includes('listening on')) resolve();
      });
      server.once('close', () => reject(new Error(`docker-registry ended: ${said}`)));
    });
  });

  afterAll(async () => {
    const { out } = docker(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', registry]);
    for (const tag of out.split('\n').filter(Boolean)) docker(['image', 'rm', tag]);
    server.kill();
    await once(server, 'close');
    rmSync(folder, { recursive: true, force: true });
  });

  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const digestOf = (out: string) => /sha256:[0-9a-f]{64}/.exec(out)?.[0];

  test('gets an image for both architectures under one name, as it was assembled', async () => {
    const pushed = run('push', ['base-program'], { LUCID_REGISTRY: registry });
    expect(pushed).toMatchObject({ status: 0, out: expect.stringContaining(`${registry}:base-program`) });
    const tagged = docker(['buildx', 'imagetools', 'inspect', '--raw', `${registry}:base-program`]);
    const { manifests } = JSON.parse(tagged.out);
    const platforms = manifests.map(
      (each: { platform: { architecture: string } }) => each.platform.architecture,
    );
    expect(platforms.sort()).toEqual(['amd64', 'arm64']);
    for (const { digest, platform } of manifests) {
      const manifest = docker(['buildx', 'imagetools', 'inspect', '--raw', `${registry}@${digest}`]);
      const assembled = run('build', ['--dry-run', '--arch', platform.architecture, 'base-program'], {});
      expect(JSON.parse(manifest.out).config.digest).toBe(digestOf(assembled.out));
    }
  });

  test('gives a base by its digest for both architectures, which is then not asked for again', async () => {
    expect(run('push', ['base-program'], { LUCID_REGISTRY: registry }).status).toBe(0);
    const inspected = docker(['buildx', 'imagetools', 'inspect', `${registry}:base-program`]).out;
    const reference = `${registry}@${digestOf(inspected)}`;
    // As on another machine.
    for (const arch of ['amd64', 'arm64'])
      docker(['image', 'rm', `${registry}:base-program-${version}-${arch}`]);
    const build = (arch: string) =>
      run('build', ['--dry-run', '--arch', arch, 'base'], { BASE_IMAGE: reference });
    const first = ['amd64', 'arm64'].map(build);
    for (const each of first)
      expect(each).toMatchObject({ status: 0, err: expect.stringContaining(`pulling ${reference}`) });
    const again = ['amd64', 'arm64'].map(build);
    expect(again.map(({ err }) => err)).toEqual(['', '']);
    expect(again.map(({ out }) => digestOf(out))).toEqual(first.map(({ out }) => digestOf(out)));
    expect(digestOf(first[0]?.out ?? '')).not.toBe(digestOf(first[1]?.out ?? ''));
    docker(['image', 'rm', reference]);
  });

  test('that has not what is asked for is told of in words', () => {
    const { status, err } = run('build', ['--dry-run', 'base'], { BASE_IMAGE: `${registry}:none` });
    expect(status).toBe(1);
    expect(err).toContain(`BASE_IMAGE ${registry}:none is not here for`);
    expect(err).toContain('BASE_IMAGE=assembled needs no registry');
  });
});
