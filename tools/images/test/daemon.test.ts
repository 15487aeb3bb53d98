import { execFileSync, spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { docker, findImage, hostArch, imageOfFiles, loadImage, saveImage, writeArchive } from '../daemon.mjs';
import { directory, file, symlink, writeFolder } from '../entries.mjs';
import { addToTree, assembleImage, createImage, createLayer, type Image, sha256 } from '../image.mjs';
import { readTar } from '../tar.mjs';

const whyNoDocker = docker(['version', '--format', '{{.Server.Version}}']).ok
  ? null
  : 'no docker daemon answers';
const whyNoBuildx = whyNoDocker ?? (docker(['buildx', 'version']).ok ? null : 'docker has no buildx plugin');

const folder = mkdtempSync(join(tmpdir(), 'lucid-daemon-'));
const run = `lucid-test-${process.pid}`;
const loaded: string[] = [];

afterAll(() => {
  // Those first that stand on others.
  for (const tag of loaded.reverse()) docker(['image', 'rm', '--force', tag]);
  rmSync(folder, { recursive: true, force: true });
});

const tagOf = (name: string): string => {
  const tag = `${run}:${name}`;
  if (!loaded.includes(tag)) loaded.push(tag);
  return tag;
};

async function imageOf(entries: Parameters<typeof createLayer>[0]): Promise<Image> {
  const tree: Image['tree'] = new Map();
  addToTree(tree, entries);
  return createImage({
    arch: hostArch(),
    settings: { Entrypoint: ['/program'], Env: ['PATH=/bin'], User: '65532', WorkingDir: '/' },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: run }],
    layers: [await createLayer(entries)],
    tree,
  });
}

const base = imageOf([
  file('etc/passwd', `${run}\n`),
  directory('tmp', { mode: 0o1777 }),
  directory('usr/lib'),
  symlink('lib', 'usr/lib'),
]);

const staged = [
  file('app/main.mjs', 'code'),
  file('app/deep/tool', '#!', { mode: 0o755 }),
  symlink('app/link', 'deep/tool'),
  directory('volumes/data/sessions', { mode: 0o700 }),
  file('etc/passwd', 'other'),
];

const DOCKERFILE = `
ARG BASE
FROM \${BASE}
ARG TARGETARCH
ARG PORT=8080
COPY dist/images/x/app/ /app/
COPY --chown=1000:1000 dist/images/x/volumes/ /
COPY dist/images/x/etc/passwd dist/images/x/app/main.mjs /etc/new/
COPY --chown=1000:1001 dist/images/x/etc/passwd /tmp/
COPY --chown=1000:1001 dist/images/x/etc/passwd /made/deep/
WORKDIR /app
USER 1000:1000
ENV HOST=0.0.0.0 PLACE=http://127.0.0.1:\${PORT}/health
EXPOSE \${PORT}
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["/check", "$PLACE"]
ENTRYPOINT ["/program", "main"]
CMD ["preset"]
LABEL arch="\${TARGETARCH}" two="a b" \\
      one=1
`;

function stage(): string {
  writeFolder(join(folder, 'dist/images/x'), staged);
  const dockerfile = join(folder, 'x.Dockerfile');
  writeFileSync(dockerfile, DOCKERFILE);
  return dockerfile;
}

const assemble = () =>
  assembleImage({
    dockerfile: stage(),
    arch: hostArch(),
    args: { BASE: tagOf('base') },
    context: folder,
    baseOf: () => base,
  });

test('an archive holds the configuration, a manifest and each layer once', async () => {
  const image = await assemble();
  const path = join(folder, 'x.tar');
  const doubled = [...image.layers, ...image.layers];
  await writeArchive(image, ['a:b'], doubled, createWriteStream(path));
  const entries = new Map((await readTar(readFileSync(path))).map((each) => [each.path, each.data]));
  const [manifest] = JSON.parse(String(entries.get('manifest.json')));
  expect(manifest.RepoTags).toEqual(['a:b']);
  expect(sha256(entries.get(manifest.Config) as Buffer)).toBe(image.digest);
  const layers = manifest.Layers.map((each: string) => sha256(entries.get(each) as Buffer));
  expect(layers).toEqual(image.layers.map(({ diffId }) => diffId));
  expect(entries.size).toBe(image.layers.length + 2);
});

describeWhere(whyNoDocker, 'handing images to Docker')('Docker', () => {
  test('takes an image, tells what it says of itself, and is not given it twice', async () => {
    const image = await assemble();
    const tags = [tagOf('x'), tagOf('x-1')] as const;
    await loadImage(await base, [tagOf('base')]);
    expect(await loadImage(image, [...tags])).toBe('loaded');
    expect(await loadImage(image, [...tags])).toBe('unchanged');
    expect(findImage(tags[1])).toMatchObject({
      arch: hostArch(),
      layers: image.layers.map((each) => each.diffId),
    });
    const { out } = docker(['image', 'inspect', '--format', '{{json .Config}}', tags[0]]);
    expect(JSON.parse(out)).toMatchObject({
      User: '1000:1000',
      Env: ['PATH=/bin', 'HOST=0.0.0.0', 'PLACE=http://127.0.0.1:8080/health'],
      Entrypoint: ['/program', 'main'],
      Cmd: ['preset'],
      WorkingDir: '/app',
      ExposedPorts: { '8080/tcp': {} },
      Labels: { arch: hostArch(), one: '1', two: 'a b' },
      Healthcheck: {
        Test: ['CMD', '/check', '$PLACE'],
        Interval: 10e9,
        Timeout: 5e9,
        StartPeriod: 60e9,
        Retries: 3,
      },
    });
  });

  test('is given the lower layers once only', async () => {
    const unread = await assemble();
    await loadImage(await base, [tagOf('base')]);
    const [lowest] = unread.layers;
    if (!lowest) throw new Error('no layers');
    const touched: string[] = [];
    const layers = unread.layers.map((each) => ({
      ...each,
      read: () => {
        touched.push(each.diffId);
        return each.read();
      },
    }));
    expect(await loadImage({ ...unread, layers }, [tagOf('thin')], tagOf('base'))).toBe('loaded');
    expect(findImage(tagOf('thin'))?.layers).toEqual(unread.layers.map((each) => each.diffId));
    // Where images are kept in containerd, the daemon asks for all of them.
    const classic = docker(['info', '--format', '{{.DriverStatus}}']).out.includes('io.containerd') === false;
    if (classic) expect(touched).not.toContain(lowest.diffId);
    expect(touched).toContain(unread.layers.at(-1)?.diffId);
  });

  test('gets the whole image where it does not have what it stands on', async () => {
    const own = file('unique', `${run} ${Math.random()}`);
    const image = await imageOf([own]);
    // The name is of another image: nothing is shared.
    await loadImage(await base, [tagOf('base')]);
    expect(await loadImage(image, [tagOf('alone')], tagOf('base'))).toBe('loaded');
  });

  test('keeps nothing of what had the name before, but what has another one', async () => {
    const [first, second, third] = await Promise.all(
      ['1', '2', '3'].map((text) => imageOf([file(text, run)])),
    );
    if (!first || !second || !third) throw new Error('no images');
    await loadImage(first, [tagOf('new')]);
    await loadImage(second, [tagOf('new'), tagOf('other')]);
    expect(findImage(first.digest)).toBeNull();
    await loadImage(third, [tagOf('new')]);
    expect(findImage(second.digest)).not.toBeNull();
  });

  test('gives back what it was given', async () => {
    const image = await assemble();
    await loadImage(image, [tagOf('x')]);
    const back = await saveImage(tagOf('x'));
    expect(back.digest).toBe(image.digest);
    expect(back.layers.map(({ read }) => sha256(read()))).toEqual(image.layers.map(({ diffId }) => diffId));
    expect(new Map([...back.tree].sort())).toEqual(new Map([...image.tree].sort()));
  });

  test('gives back an image that has a layer twice', async () => {
    const image = await imageOf([file('program', run)]);
    const [first] = image.layers;
    const second = await createLayer([file('other', run)]);
    const twice = createImage({ ...image, history: [], layers: first ? [first, second, first] : [] });
    await loadImage(twice, [tagOf('twice')]);
    expect((await saveImage(tagOf('twice'))).digest).toBe(twice.digest);
  });

  test('complains in words of an image that is damaged', async () => {
    const image = await imageOf([file('other', `${run} damaged`)]);
    const layers = image.layers.map((each) => ({ ...each, read: () => Buffer.alloc(1024, 'x') }));
    await expect(loadImage({ ...image, layers }, [tagOf('damaged')])).rejects.toThrow(
      `docker load refuses ${tagOf('damaged')}: `,
    );
  });
});

describeWhere(whyNoBuildx, 'what a builder makes of our Dockerfiles')('docker build', () => {
  /** Path, kind, mode and owner of everything in an image, in the words of system tar. */
  const listing = (tag: string) => {
    const { out: container } = docker(['create', tag]);
    try {
      const tar = spawnSync('docker', ['export', container], { maxBuffer: 1 << 28 }).stdout;
      const list = execFileSync('tar', ['-tv', '--numeric-owner'], { input: tar, encoding: 'utf8' });
      return (
        list
          .trim()
          .split('\n')
          .map((line) => line.replace(/ \d{4}-\d\d-\d\d \d\d:\d\d /, ' ').replace(/\s+/g, ' '))
          // What Docker puts into every container.
          .filter(
            (line) =>
              !/ (\.dockerenv|(dev|proc|sys)\/.*|etc\/(hostname|hosts|mtab.*|resolv\.conf))$/.test(line),
          )
          .sort()
      );
    } finally {
      docker(['rm', container]);
    }
  };

  test('makes the same files and settings of a Dockerfile as the assembler', async () => {
    const image = await assemble();
    await loadImage(await base, [tagOf('base')]);
    await loadImage(image, [tagOf('assembled')], tagOf('base'));
    const built = spawnSync(
      'docker',
      ['build', '-q', '-f', stage(), '--build-arg', `BASE=${tagOf('base')}`, '-t', tagOf('built'), folder],
      { encoding: 'utf8', env: { ...process.env, DOCKER_BUILDKIT: '1' } },
    );
    expect(built.stderr).toBe('');
    expect(listing(tagOf('built'))).toEqual(listing(tagOf('assembled')));
    const settings = (tag: string) => {
      const inspected = JSON.parse(docker(['image', 'inspect', '--format', '{{json .Config}}', tag]).out);
      // Older engines write fields without a value.
      return Object.fromEntries(Object.entries(inspected).filter(([, value]) => value && value !== ''));
    };
    expect(settings(tagOf('built'))).toMatchObject(settings(tagOf('assembled')));
  });
});

describe('an archive as a daemon with containerd writes it', () => {
  const archiveOf = (image: Image, layer: Buffer) =>
    new Map([
      ['manifest.json', Buffer.from(JSON.stringify([{ Config: 'blobs/config', Layers: ['blobs/layer'] }]))],
      ['blobs/config', image.config],
      ['blobs/layer', layer],
    ]);
  const tarOf = (image: Image) => image.layers[0]?.read() ?? Buffer.alloc(0);

  test('its layers are read packed or not', async () => {
    const image = await imageOf([file('program', 'text')]);
    for (const layer of [tarOf(image), gzipSync(tarOf(image))]) {
      const back = await imageOfFiles(archiveOf(image, layer));
      expect(back.digest).toBe(image.digest);
      expect(tarOf(back)).toEqual(tarOf(image));
      expect([...back.tree.keys()]).toEqual(['program']);
    }
  });

  test('a layer that is missing or another one is refused', async () => {
    const image = await imageOf([file('program', 'text')]);
    const other = tarOf(await imageOf([file('program', 'other')]));
    for (const layer of [Buffer.alloc(0), other])
      await expect(imageOfFiles(archiveOf(image, layer))).rejects.toThrow(
        'docker save gives no layer sha256:',
      );
  });
});
