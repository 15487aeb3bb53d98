import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directory, file, symlink, writeFolder } from '../entries.mjs';
import { addToTree, assembleImage, createImage, createLayer, type Image, sha256 } from '../image.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lucid-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function baseImage(): Promise<Image> {
  const entries = [
    directory('tmp', { mode: 0o1777 }),
    directory('usr/lib', { mode: 0o755 }),
    symlink('lib', 'usr/lib'),
    file('usr/bin/node', 'base'),
  ];
  const tree: Image['tree'] = new Map();
  addToTree(tree, entries);
  return createImage({
    arch: 'amd64',
    settings: {
      Entrypoint: ['/usr/bin/node'],
      Cmd: ['preset'],
      Env: ['A=base', 'PATH=/usr/bin'],
      User: '65532',
    },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'base' }],
    layers: [await createLayer(entries)],
    tree,
  });
}

let count = 0;

/** Assembles in a context of its own, in which files are staged. */
async function assemble(lines: string[], staged: Parameters<typeof writeFolder>[1] = [], base = baseImage()) {
  const context = join(folder, String(count++));
  writeFolder(join(context, 'dist/images/x'), staged);
  const dockerfile = join(context, 'x.Dockerfile');
  writeFileSync(dockerfile, ['FROM base', ...lines, ''].join('\n'));
  return assembleImage({ dockerfile, arch: 'amd64', context, baseOf: () => base });
}

const placeOf = (image: Image, path: string) => image.tree.get(path);

test('two folders, two umasks, two times: one digest', async () => {
  const staged = [
    file('app/main.mjs', 'x'),
    file('app/run', '#!', { mode: 0o755 }),
    directory('data', { mode: 0o700 }),
  ];
  const lines = ['COPY dist/images/x/app/ /app/', 'COPY --chown=1000:1000 dist/images/x/data/ /data/'];
  const first = await assemble(lines, staged);
  const umask = process.umask(0o027);
  const second = await assemble(lines, [...staged].reverse()).finally(() => process.umask(umask));
  expect(second.digest).toBe(first.digest);

  // Times of files and folders do not matter, modes do.
  const context = join(folder, String(count++));
  writeFolder(join(context, 'dist/images/x'), staged);
  const dockerfile = join(context, 'x.Dockerfile');
  writeFileSync(dockerfile, ['FROM base', ...lines, ''].join('\n'));
  const again = () => assembleImage({ dockerfile, arch: 'amd64', context, baseOf: baseImage });
  for (const path of ['app/main.mjs', 'app']) utimesSync(join(context, 'dist/images/x', path), 1e9, 1e9);
  expect((await again()).digest).toBe(first.digest);
  chmodSync(join(context, 'dist/images/x/app/main.mjs'), 0o600);
  expect((await again()).digest).not.toBe(first.digest);
});

test('the digest is of the configuration, which names each layer by its digest', async () => {
  const image = await assemble(['COPY dist/images/x/a /a'], [file('a', 'x')]);
  const config = JSON.parse(image.config.toString());
  expect(image.digest).toBe(sha256(image.config));
  expect(config.rootfs.diff_ids).toEqual(image.layers.map(({ read }) => sha256(read())));
  expect(config).toMatchObject({ architecture: 'amd64', os: 'linux', created: '1970-01-01T00:00:00Z' });
  expect(config.history.filter((each: object) => !('empty_layer' in each))).toHaveLength(image.layers.length);
});

test('settings are as a builder would leave them', async () => {
  const { settings } = await assemble(
    [
      'COPY dist/images/x/app/ /app/',
      'ENV A=own B="two words"',
      'LABEL z=1 a=2',
      'USER 1000:1000',
      'WORKDIR /app',
      'EXPOSE 8080',
      'VOLUME /data',
      'HEALTHCHECK --interval=10s CMD ["/check"]',
      'ENTRYPOINT ["/usr/bin/node", "/app/main.mjs"]',
    ],
    [directory('app')],
  );
  expect(settings).toEqual({
    Entrypoint: ['/usr/bin/node', '/app/main.mjs'],
    Env: ['A=own', 'PATH=/usr/bin', 'B=two words'],
    ExposedPorts: { '8080/tcp': {} },
    Healthcheck: { Test: ['CMD', '/check'], Interval: 10e9 },
    Labels: { a: '2', z: '1' },
    User: '1000:1000',
    Volumes: { '/data': {} },
    WorkingDir: '/app',
  });
});

test('COPY gives owners to what it makes, and leaves the folder that it copies into as it was', async () => {
  const image = await assemble(
    [
      'COPY --chown=1000:1000 dist/images/x/ /',
      'COPY dist/images/x/one /tmp/',
      'COPY dist/images/x/one /tmp/two',
    ],
    [directory('data/deep', { mode: 0o700 }), file('one', '1')],
  );
  expect(placeOf(image, 'tmp')).toMatchObject({ mode: 0o1777, uid: 0 });
  expect(placeOf(image, 'data')).toMatchObject({ mode: 0o755, uid: 1000 });
  expect(placeOf(image, 'data/deep')).toMatchObject({ mode: 0o700, uid: 1000, gid: 1000 });
  expect(placeOf(image, 'one')).toMatchObject({ uid: 1000 });
  expect(placeOf(image, 'tmp/one')).toMatchObject({ type: 'file', uid: 0 });
  expect(placeOf(image, 'tmp/two')).toMatchObject({ type: 'file', uid: 0 });
});

test.each([
  ['COPY dist/images/x/none /a', 'there is no such file'],
  ['COPY dist/images/x/a /lib/a', '/lib is a symlink in the image below'],
  ['COPY dist/images/x/a /lib', 'the image below has a symlink there'],
  ['COPY dist/images/x/folder/ /usr/bin/node', 'the image below has a file there'],
  ['WORKDIR /none', 'there is no such folder in the image'],
])('refuses `%s` with its line', async (line, why) => {
  const staged = [file('a', 'x'), directory('folder')];
  await expect(assemble([line], staged)).rejects.toThrow(/x\.Dockerfile:2: /);
  await expect(assemble([line], staged)).rejects.toThrow(why);
});

test('a tree follows the whiteouts of layers that were pulled', () => {
  const tree: Image['tree'] = new Map();
  addToTree(tree, [
    file('a/b', ''),
    file('a/c/d', ''),
    directory('a'),
    directory('a/c'),
    file('e/f', ''),
    directory('e'),
  ]);
  addToTree(tree, [file('a/.wh.c', ''), file('e/.wh..wh..opq', ''), file('e/g', '')]);
  expect([...tree.keys()].sort()).toEqual(['a', 'a/b', 'e', 'e/g']);
});

test('a socket is no part of an image', async () => {
  const context = join(folder, 'pipe');
  mkdirSync(join(context, 'dist/images/x'), { recursive: true });
  execFileSync('mkfifo', [join(context, 'dist/images/x/pipe')]);
  const dockerfile = join(context, 'x.Dockerfile');
  writeFileSync(dockerfile, 'FROM base\nCOPY dist/images/x/ /x/\n');
  await expect(assembleImage({ dockerfile, arch: 'amd64', context, baseOf: baseImage })).rejects.toThrow(
    'pipe is no file, directory or symlink',
  );
});
