/**
 * The gate over images finds what it is there to find: images that are as ours but for one fault each, loaded into the daemon, judged and
 * run; and what our own images are judged by stays true when a container is looked at without the gate's own hands on it.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { services } from '@lucid/topology';
import { pack } from 'tar-stream';
import { baseReference, buildBase, registry } from '../../tools/images/base.mjs';
import { judgeImages } from '../../tools/images/check/judge.mjs';
import { judgeFacts } from '../../tools/images/check/running.mjs';
import { hostArch, loadImage } from '../../tools/images/daemon.mjs';
import { type Entry, file, symlink } from '../../tools/images/entries.mjs';
import { createImage, createLayer, type Image, type Layer, sha256 } from '../../tools/images/image.mjs';
import { buildProgram } from '../../tools/images/programs.mjs';
import { docker, whyNoDocker, whyNoImages } from '../stack/docker.ts';
import { describeWhere } from '../stack/skip-loudly.ts';

const ROOT = join(__dirname, '../..');
const REDIS = `${registry}:redis`;
const PREFIX = `lucid-gate-${process.pid}`;
const JUDGED_MS = 300_000;

const why = whyNoDocker() ?? whyNoImages([REDIS, baseReference('base')]);

interface Change {
  readonly entries?: readonly Entry[];
  readonly layers?: readonly Layer[];
  readonly settings?: Partial<Image['settings']>;
  readonly created?: string;
}

const layerOf = (tar: Buffer): Layer => ({ diffId: sha256(tar), sizeBytes: tar.length, read: () => tar });

/** A layer with what the assembler refuses to make. */
async function oddLayer(header: Parameters<ReturnType<typeof pack>['entry']>[0]): Promise<Layer> {
  const stream = pack();
  const tar = buffer(stream);
  const sink = stream.entry({ mtime: new Date(0), ...header, size: 0 });
  sink?.end();
  stream.finalize();
  return layerOf(await tar);
}

async function change(
  image: Image,
  { entries, layers = [], settings = {}, created }: Change,
): Promise<Image> {
  const more = [...(entries ? [await createLayer(entries, image.tree)] : []), ...layers];
  const changed = createImage({
    ...image,
    settings: { ...image.settings, ...settings },
    layers: [...image.layers, ...more],
    history: [...image.history, ...more.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: PREFIX }))],
  });
  if (!created) return changed;
  const config = Buffer.from(
    String(changed.config).replace('"created":"1970-01-01T00:00:00Z"', `"created":"${created}"`),
  );
  return { ...changed, config, digest: sha256(config) };
}

// May bind to ports below 1024 (vfs_cap_data of capabilities(7), revision 2).
const CAPABLE = `\x01\x00\x00\x02\x00\x04${'\x00'.repeat(14)}`;

const executable = (path: string, data = '#!') => file(path, data, { mode: 0o755 });
const KEY = `-----BEGIN PRIVATE KEY-----\n${'MC4CAQAwBQYDK2VwBCIEIA'.padEnd(64, 'A')}\n-----END PRIVATE KEY-----\n`;

const labelsWithout = (image: Image, name: string) =>
  Object.fromEntries(Object.entries(image.settings.Labels ?? {}).filter(([each]) => each !== name));

/** What each image has wrong, and the rule that must name it; every one of them is the redis image but for that. */
const staticFaults = async (
  redis: Image,
): Promise<Record<string, readonly [rule: string, change: Change]>> => ({
  shell: ['shell', { entries: [executable('usr/bin/dash')] }],
  'shell-by-another-name': ['shell', { entries: [executable('usr/bin/helper', '\x7fELF BusyBox v1.36.1')] }],
  'shell-by-a-link': ['shell', { entries: [symlink('bin/sh', '../usr/bin/redis-server')] }],
  'shell-taken-away-later': [
    'shell',
    { layers: [await createLayer([executable('opt/sh')]), await createLayer([file('opt/.wh.sh', '')])] },
  ],
  'package-manager': ['package-manager', { entries: [executable('usr/bin/apt-get')] }],
  setuid: ['setuid', { entries: [file('usr/bin/x', 'x', { mode: 0o4755 })] }],
  setgid: ['setuid', { entries: [file('usr/bin/x', 'x', { mode: 0o2755 })] }],
  capable: [
    'setuid',
    {
      layers: [
        await oddLayer({ name: 'usr/bin/y', pax: { 'SCHILY.xattr.security.capability': CAPABLE } } as never),
      ],
    },
  ],
  device: ['device', { layers: [await oddLayer({ name: 'etc/disk', type: 'block-device', mode: 0o600 })] }],
  'world-writable': ['world-writable', { entries: [file('etc/everybody', '', { mode: 0o666 })] }],
  key: ['secret', { entries: [file('etc/ssl/service.conf', KEY)] }],
  npmrc: ['secret', { entries: [file('home/lucid/.npmrc', '')] }],
  'environment-file': ['secret', { entries: [file('etc/.env', 'A=b\n')] }],
  'secret-setting': [
    'secret',
    { settings: { Env: [...(redis.settings.Env ?? []), 'REDIS_PASSWORD=hunter2'] } },
  ],
  root: ['user', { settings: { User: '' } }],
  'other-user': ['user', { settings: { User: '65532' } }],
  created: ['created', { created: '2026-11-21T00:00:00Z' }],
  'shell-form': ['entrypoint', { settings: { Entrypoint: ['/bin/sh', '-c', 'redis-server'] } }],
  'no-healthcheck': ['healthcheck', { settings: { Healthcheck: undefined } }],
  'healthcheck-by-shell': [
    'healthcheck',
    { settings: { Healthcheck: { Test: ['CMD-SHELL', 'redis-cli ping'] } } },
  ],
  'no-label': ['labels', { settings: { Labels: labelsWithout(redis, 'org.opencontainers.image.version') } }],
  'shell-label': [
    'labels',
    { settings: { Labels: { ...redis.settings.Labels, 'org.lucid.shell': 'bash' } } },
  ],
  'no-port': ['ports', { settings: { ExposedPorts: undefined } }],
  'volume-of-root': [
    'volumes',
    { layers: [await oddLayer({ name: 'data', type: 'directory', mode: 0o755, uid: 0, gid: 0 })] },
  ],
  size: ['whole-size', { layers: [await createLayer([file('usr/share/large', Buffer.alloc(20_000_000))])] }],
});

const loaded: string[] = [];

async function load(name: string, image: Image): Promise<string> {
  const tag = `${PREFIX}:${name}`;
  loaded.push(tag);
  await loadImage(image, [tag], REDIS);
  return tag;
}

describeWhere(why, 'the gate over images')('the gate over images', () => {
  let redis: Image;
  beforeAll(async () => {
    redis = (await buildProgram('redis', hostArch())).image;
  }, JUDGED_MS);
  afterAll(async () => {
    for (const tag of loaded.reverse()) await docker(['image', 'rm', '--force', tag]);
  });

  it(
    'names the fault of each image that has one, and no other',
    async () => {
      const faults = await staticFaults(redis);
      const candidates: { reference: string; name: string }[] = [];
      for (const [name, [, each]] of Object.entries(faults))
        candidates.push({ name: 'redis', reference: await load(name, await change(redis, each)) });
      const { verdicts } = await judgeImages(candidates, { services, run: false });
      const found = verdicts.map(({ reference, faults }) => [reference, faults.map(({ rule }) => rule)]);
      const expected = Object.entries(faults).map(([name, [rule]]) => [`${PREFIX}:${name}`, [rule]]);
      expect(found).toEqual(expected);
    },
    JUDGED_MS,
  );

  it(
    'holds services to three megabytes of their own',
    async () => {
      const base = await buildBase('base', hostArch());
      const large = await change(base, { entries: [file('app/main.mjs', Buffer.alloc(3_000_000, 'x'))] });
      const reference = await load('own-size', large);
      const { verdicts } = await judgeImages([{ reference, name: 'openapi-gateway' }], {
        services,
        run: false,
      });
      expect(verdicts[0]?.faults.map(({ rule }) => rule)).toContain('own-size');
    },
    JUDGED_MS,
  );

  it(
    'names what is wrong with a container that runs, or does not',
    async () => {
      const node = await buildBase('base', hostArch());
      const two = `const { spawn } = require('child_process'); spawn(process.execPath, ['-e', 'setInterval(Date, 1e9)']);
        require('http').createServer((q, r) => r.end()).listen(8080)`;
      const images: Record<string, Image> = {
        starts: await change(redis, {
          settings: { Entrypoint: ['/usr/bin/redis-server', '/etc/none.conf'] },
        }),
        health: await change(redis, { settings: { Env: ['LUCID_HEALTH=redis:127.0.0.1:1'] } }),
        // Any program will do that bears the name.
        exec: await change(redis, { entries: [symlink('usr/bin/busybox', 'redis-cli')] }),
        writable: await change(redis, {
          layers: [await oddLayer({ name: 'scratch', type: 'directory', mode: 0o755, uid: 1000, gid: 1000 })],
          settings: { Volumes: { '/data': {}, '/scratch': {} } },
        }),
        processes: await change(node, {
          settings: {
            Entrypoint: ['/nodejs/bin/node', '-e', two],
            Env: [...(node.settings.Env ?? []), 'LUCID_HEALTH=http://127.0.0.1:8080/'],
            Healthcheck: { Test: ['CMD', '/usr/bin/lucid-health'] },
          },
        }),
      };
      const candidates = [];
      for (const [name, image] of Object.entries(images))
        candidates.push({
          reference: await load(`runs-${name}`, image),
          ...(name === 'processes' ? {} : { name: 'redis' }),
        });
      const { verdicts } = await judgeImages(candidates, { services, healthyMs: 5_000 });
      for (const [index, rule] of Object.keys(images).entries())
        expect(verdicts[index]?.faults.map((fault) => fault.rule)).toContain(rule);
    },
    JUDGED_MS,
  );

  it('sees a container that is not confined for what it is', async () => {
    const name = `${PREFIX}-open`;
    await docker([
      'run',
      '--detach',
      '--network',
      'none',
      '--name',
      name,
      '--entrypoint',
      '/nodejs/bin/node',
      baseReference('base'),
      '-e',
      'setInterval(Date, 1e9)',
    ]);
    try {
      const said = await docker(['exec', '--user', '0', name, '/usr/bin/lucid-health', 'confinement']);
      const facts = new Map<string, string[]>();
      for (const [key = '', ...value] of said.split('\n').map((line) => line.split(' ')))
        facts.set(key, [...(facts.get(key) ?? []), value.join(' ')]);
      const rules = judgeFacts(facts, []).map(({ rule }) => rule);
      expect(new Set(rules)).toEqual(new Set(['capabilities', 'privileges', 'writable']));
      expect(facts.get('Writable')).toEqual(expect.arrayContaining(['/']));
    } finally {
      await docker(['rm', '--force', name]);
    }
  });

  it(
    'is a command that names faults and ends with 1, and says what is not built',
    async () => {
      const reference = await load('command', await change(redis, { entries: [executable('usr/bin/zsh')] }));
      const command = join(ROOT, 'tools/images/check/check-images.mjs');
      const run = (...words: string[]) =>
        spawnSync(process.execPath, [command, '--no-run', ...words], { encoding: 'utf8', cwd: ROOT });
      const faulty = run(reference);
      expect(faulty.stderr).toMatch(
        new RegExp(`^${reference}: shell: /usr/bin/zsh is a shell \\(layer [0-9a-f]{12}\\)\n$`),
      );
      expect(faulty.stdout).toMatch(/1 image: 1 fault/);
      expect(faulty.status).toBe(1);
      expect(run(REDIS)).toMatchObject({ status: 0, stderr: '' });
      const missing = run('lucid-nothing:here');
      expect(missing).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/^not built yet: lucid-nothing:here; run: /),
      });
    },
    JUDGED_MS,
  );
});

describeWhere(why, 'the image of mongodb on the official one')(
  'the image of mongodb on the official one',
  () => {
    // As mongo:7 is: a shell, a package manager, root, a script to begin with; a registry is not asked for it here.
    const official = `${PREFIX}:official`;
    const ours = `${PREFIX}:on-official`;
    const before = process.env.MONGO_IMAGE;
    afterAll(async () => {
      if (before === undefined) delete process.env.MONGO_IMAGE;
      else process.env.MONGO_IMAGE = before;
      await docker(['image', 'rm', '--force', ours, official]);
    });

    it(
      'is theirs with our user, checker and labels; what they put in is not judged, what we add is',
      async () => {
        const { image: redis } = await buildProgram('redis', hostArch());
        const theirs = await change(redis, {
          entries: ['bin/bash', 'usr/bin/apt', 'usr/local/bin/docker-entrypoint.sh'].map((path) =>
            executable(path),
          ),
          settings: { User: '', Labels: {}, ExposedPorts: { '27017/tcp': {} }, Volumes: { '/data/db': {} } },
        });
        await loadImage(theirs, [official], REDIS);
        process.env.MONGO_IMAGE = official;
        const { image, base } = await buildProgram('mongodb', hostArch());
        expect(base).toBeUndefined();
        await loadImage(image, [ours], official);
        const judge = async () =>
          (await judgeImages([{ reference: ours }], { services, run: false })).verdicts[0];
        expect(await judge()).toMatchObject({
          name: 'mongodb',
          faults: [],
          note: expect.stringContaining(official),
        });
        const worse = await change(image, { entries: [executable('usr/bin/dash')] });
        await loadImage(worse, [ours], official);
        expect((await judge())?.faults.map(({ what }) => what)).toEqual([
          expect.stringContaining('/usr/bin/dash'),
        ]);
        process.env.MONGO_IMAGE = 'lucid-nothing:here';
        await expect(buildProgram('mongodb', hostArch())).rejects.toThrow(
          /MONGO_IMAGE lucid-nothing:here is not here/,
        );
      },
      JUDGED_MS,
    );
  },
);
