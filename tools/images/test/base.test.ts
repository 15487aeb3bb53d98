import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { baseOf, buildBase, registry } from '../base.mjs';
import { readLock } from '../base-lock.mjs';
import { hostArch } from '../daemon.mjs';
import { assembleDistroless } from '../distroless.mjs';
import type { Entry } from '../entries.mjs';
import type { Arch, Image } from '../image.mjs';
import { readTar } from '../tar.mjs';
import { whyNoBase } from './why-no-base.ts';

test('FROM names a base of ours and nothing else', async () => {
  await expect(baseOf('debian:12', 'amd64')).rejects.toThrow(
    `FROM debian:12: images stand on ${registry}:base, ${registry}:base-slim, ${registry}:base-program`,
  );
});

const filesOf = async (image: Image): Promise<Map<string, Entry>> => {
  const layers = await Promise.all(image.layers.map(({ read }) => readTar(read())));
  return new Map(layers.flat().map((each) => [each.path, each]));
};

const sizeOf = (files: Map<string, Entry>) =>
  [...files.values()].reduce((sum, { data }) => sum + (data?.length ?? 0), 0);

/** The other architecture's node needs a download of its own, which CI and LUCID_TEST_ALL allow. */
const archs: Arch[] = process.env.CI || process.env.LUCID_TEST_ALL ? ['amd64', 'arm64'] : [hostArch()];

describeWhere(whyNoBase(), 'bases')('bases', () => {
  const before = process.env.BASE_IMAGE;
  beforeAll(() => {
    process.env.BASE_IMAGE = 'assembled';
  });
  afterAll(() => {
    if (before === undefined) delete process.env.BASE_IMAGE;
    else process.env.BASE_IMAGE = before;
  });

  describe.each(archs)('of %s', (arch) => {
    let files: Map<string, Entry>;
    let image: Image;
    beforeAll(async () => {
      image = await buildBase('base', arch);
      files = await filesOf(image);
    });
    const text = (path: string) => String(files.get(path)?.data);

    test("have upstream's layers, and one of ours upon them", async () => {
      const { debs } = readLock()[arch];
      const upstream = image.history.slice(0, 4).map((each) => each.created_by);
      expect(upstream).toEqual([
        expect.stringMatching(/^base-files .*, netbase .*, tzdata .*, media-types /),
        `libc6 ${debs.libc6?.version}, libssl3 ${debs.libssl3?.version}`,
        expect.stringMatching(/^libgomp1 .*, libstdc\+\+6 .*, libgcc-s1 .*, gcc-12-base /),
        `Node ${readLock().node}`,
      ]);
      expect(image.layers).toHaveLength(6);
    });

    test('name their users, none of whom can log in', () => {
      expect(text('etc/passwd').trim().split('\n')).toEqual([
        'root:x:0:0:root:/root:/sbin/nologin',
        'nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin',
        'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin',
        'lucid:x:1000:1000:lucid:/home/lucid:/sbin/nologin',
      ]);
      expect(files.get('home/lucid')).toMatchObject({ uid: 1000, gid: 1000, mode: 0o700 });
      expect(files.get('home/nonroot')).toMatchObject({ uid: 65_532, mode: 0o700 });
      expect(image.settings).toMatchObject({ User: '1000:1000', Entrypoint: ['/nodejs/bin/node'] });
    });

    test('hold certificates, the list of packages for scanners, and Debian as it calls itself', () => {
      expect(
        text('etc/ssl/certs/ca-certificates.crt').match(/-----BEGIN CERTIFICATE-----/g)?.length,
      ).toBeGreaterThan(100);
      expect(text('var/lib/dpkg/status.d/libc6')).toContain('Package: libc6\n');
      expect(text('usr/lib/os-release')).toContain('VERSION="Debian GNU/Linux 12 (bookworm)"\n');
      expect(files.get('etc/os-release')).toMatchObject({ type: 'symlink', target: '../usr/lib/os-release' });
      expect(image.settings.Labels?.['org.lucid.base']).toBe(
        `assembled from Debian bookworm and Node ${readLock().node}`,
      );
    });

    test('have no shell, no package manager, and nothing that runs as somebody else', () => {
      const programs = [...files.values()].filter(
        ({ path, type }) => type !== 'directory' && /(^|\/)s?bin\//.test(path),
      );
      expect(programs.map(({ path }) => path)).toEqual(['nodejs/bin/node', 'usr/bin/lucid-health']);
      const setuid = [...files.values()].filter(({ type, mode }) => type === 'file' && mode & 0o6000);
      expect(setuid).toEqual([]);
      expect(files.get('tmp')?.mode).toBe(0o1777);
    });

    test('are as small as they should be', async () => {
      // 250 conversions between character sets lie at 64 KiB each on arm64.
      expect(sizeOf(files)).toBeLessThanOrEqual(arch === 'amd64' ? 125e6 : 135e6);
      const slim = await filesOf(await buildBase('base-slim', arch));
      expect(sizeOf(slim)).toBeLessThanOrEqual(110e6);
      expect([...slim.keys()].filter((path) => /gconv|zoneinfo|libssl|libgomp/.test(path))).toEqual([]);
      expect(slim.has('usr/share/doc/libc6/copyright')).toBe(true);
      const program = await filesOf(await buildBase('base-program', arch));
      expect(program.has('nodejs/bin/node')).toBe(false);
      expect(program.has('usr/bin/lucid-health')).toBe(true);
    });

    test('are the same bytes when they are assembled again', async () => {
      const again = await assembleDistroless('program', arch);
      const base = await buildBase('base-program', arch);
      expect(base.layers.slice(0, again.layers.length).map(({ diffId }) => diffId)).toEqual(
        again.layers.map(({ diffId }) => diffId),
      );
    });
  });
});
