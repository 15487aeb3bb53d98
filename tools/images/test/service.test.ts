import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type AppName, appNames, serviceAt } from '@lucid/topology';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { appExists, appOf } from '../bundles.mjs';
import { hostArch } from '../daemon.mjs';
import { root } from '../download.mjs';
import type { Entry } from '../entries.mjs';
import type { Arch } from '../image.mjs';
import { serviceArguments, serviceFiles } from '../service.mjs';
import { sharedFiles } from '../shared.mjs';
import { whyNoBase } from './why-no-base.ts';

const apps = appNames.filter((name) => appExists(appOf(name, serviceAt(name))));

const filesOf = async (name: AppName, arch: Arch) => {
  const { entries, codec } = await serviceFiles(name, serviceAt(name), arch);
  const byPath = new Map(entries.map((each) => [each.path, each]));
  const text = (path: string) => String(byPath.get(path)?.data);
  return { entries, codec, text, paths: [...byPath.keys()] };
};

const sizeOf = (entries: readonly Entry[]) => entries.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);

interface Sbom {
  readonly metadata: { component: { name: string } };
  readonly components: { name: string; group?: string; version: string; purl: string; licenses: object[] }[];
}

/** Its own schema, with the two it refers to. */
function compileSchema() {
  const schemas = join(root, 'node_modules/@cyclonedx/cyclonedx-library/res/schema');
  const read = (name: string) =>
    JSON.parse(readFileSync(join(schemas, `${name}.SNAPSHOT.schema.json`), 'utf8'));
  const ajv = new Ajv({ strict: false, formats: { 'iri-reference': true, 'idn-email': true, string: true } });
  addFormats.default(ajv);
  ajv.addSchema(read('spdx'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json');
  ajv.addSchema(read('jsf-0.82'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json');
  return ajv.compile(read('bom-1.6'));
}

describe.each(apps)('files of %s', (name) => {
  let files: Awaited<ReturnType<typeof filesOf>>;
  let shared: readonly Entry[];
  beforeAll(async () => {
    files = await filesOf(name, 'arm64');
    shared = await sharedFiles();
  });

  test('are its code and what it needs, within what a layer may have', () => {
    const { entries, paths } = files;
    expect(paths).toEqual(expect.arrayContaining(['main.mjs', 'sbom.cdx.json']));
    expect(
      paths.filter((path) =>
        /\.(map|ts|c|cc|h|md|gyp)$|meta\.json|\.musl\.|lmdb/.test(path.replace(/chunk-.*/, '')),
      ),
    ).toEqual([]);
    const image = serviceAt(name).image;
    const limitBytes = image?.kind === 'node' && image.native ? 15_000_000 : 3_000_000;
    expect(sizeOf(entries)).toBeLessThanOrEqual(limitBytes);
  });

  test('are all that its code imports, with the shared files, of which it has none once more', () => {
    const { entries, paths } = files;
    const all = [...entries, ...shared];
    const names = new Set(all.map(({ path }) => path));
    expect(names.size).toBe(all.length);
    const code = all.filter(({ path }) => path.endsWith('.mjs') && !path.includes('/'));
    const imported = code.flatMap(({ data }) =>
      [...String(data).matchAll(/(?:\bfrom|\bimport\(?)\s*"\.\/([^"]+\.mjs)"/g)].map(([, name]) => name),
    );
    expect(imported.filter((name) => !names.has(name as string))).toEqual([]);
    expect(imported.some((name) => !paths.includes(name as string))).toBe(true);
  });

  test('are for its architecture', () => {
    const { entries } = files;
    const AARCH64 = 183;
    for (const { path, data } of entries.filter((each) => each.path.endsWith('.node')))
      expect([path, data?.readUInt16LE(18)]).toEqual([path, AARCH64]);
  });

  test('are listed: each package in the code, with version, licence and address', () => {
    const { text, paths } = files;
    const sbom: Sbom = JSON.parse(text('sbom.cdx.json'));
    expect(sbom.metadata.component.name).toBe(`lucid-${appOf(name, serviceAt(name))}`);
    const own = paths.includes('licences.txt') ? text('licences.txt') : '';
    const licences = own + shared.find(({ path }) => path === 'licences-shared.txt')?.data;
    const fastify = sbom.components.find((each) => each.name === 'fastify' && !each.group);
    const { version } = JSON.parse(readFileSync(join(root, 'node_modules/fastify/package.json'), 'utf8'));
    expect(fastify).toMatchObject({
      version,
      purl: `pkg:npm/fastify@${version}`,
      licenses: [{ license: { id: 'MIT' } }],
    });
    for (const each of sbom.components) {
      expect(each.licenses).not.toEqual([]);
      expect(licences).toContain(`${each.group ? `${each.group}/` : ''}${each.name} ${each.version}`);
    }
    // Also what is shared and this service does not use is in its image.
    for (const [, about = ''] of String(licences).matchAll(/^(@?[\w./-]+ \d+\.\d+\.\d+\S*)$/gm))
      expect(
        sbom.components.map((each) => `${each.group ? `${each.group}/` : ''}${each.name} ${each.version}`),
      ).toContain(about);
  });
});

test('what services share is what several have, and engines and data are not among it', async () => {
  const names = (await sharedFiles()).map(({ path }) => path);
  expect(names.filter((each) => !/^chunk-[\w-]+\.mjs$/.test(each))).toEqual(['licences-shared.txt']);
  const texts = (await sharedFiles()).map(({ data }) => String(data)).join('');
  expect(texts).toContain('fastify');
  // Of the chain's virtual machine, which one service and the chain that stands alone have.
  expect(texts).not.toContain('LondonHardfork');
  expect(sizeOf(await sharedFiles())).toBeLessThanOrEqual(4_000_000);
});

test('two services of one app are one layer', async () => {
  const bytes = async (name: AppName) =>
    (await serviceFiles(name, serviceAt(name), 'arm64')).entries.map(({ path, data }) => [
      path,
      String(data),
    ]);
  expect(await bytes('blockchain-api-read')).toEqual(await bytes('blockchain-api'));
});

test('lists are as CycloneDX 1.6 has them', async () => {
  const validate = compileSchema();
  for (const name of ['session-encryptor', 'blockchain-ledger', 'openapi-server'] as const) {
    const { text } = await filesOf(name, 'amd64');
    validate(JSON.parse(text('sbom.cdx.json')));
    expect(validate.errors ?? []).toEqual([]);
  }
  validate({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ type: 'none', name: 'x' }] });
  expect(validate.errors).not.toBeNull();
});

test('lists have what lies beside the code', async () => {
  const names = async (name: AppName, arch: Arch) =>
    (JSON.parse((await filesOf(name, arch)).text('sbom.cdx.json')) as Sbom).components.map(
      (each) => each.name,
    );
  expect(await names('blockchain-ledger', 'arm64')).toContain('classic-level');
  expect(await names('openapi-server', 'arm64')).toContain('swagger-ui-dist');
  const { codec, paths } = await filesOf('session-chunker', hostArch());
  expect((await names('session-chunker', hostArch())).includes('zstd-napi')).toBe(codec === 'native');
  expect(paths.some((path) => path.endsWith('.node'))).toBe(codec === 'native');
  expect(paths).toContain('zstd.wasm');
});

test('an image says every port of its service', () => {
  const row = serviceAt('on-system-chain');
  expect(serviceArguments('on-system-chain', row, 'none')).toMatchObject({
    PORT: '8545',
    PORTS: '8545 7000',
  });
});

test('what is published is asked for its health with TLS too', () => {
  const argumentsOf = (name: AppName) => serviceArguments(name, serviceAt(name), 'none');
  expect(argumentsOf('api-gateway')).toMatchObject({
    PROTOCOL: 'any',
    PORT: '8080',
    LAYER: '0',
    PLANE: 'ops',
  });
  expect(argumentsOf('session-api')).toMatchObject({
    PROTOCOL: 'http',
    PORT: '8087',
    PORTS: '8087',
    LAYER: '1',
    PLANE: 'session',
  });
});

describeWhere(whyNoBase(), 'images built twice')('images built twice', () => {
  // A second checkout in another folder: files are linked, so that it costs no space. In dist/, to be on the same disk.
  const parent = mkdtempSync(join(root, 'dist', 'other-checkout-'));
  const other = join(parent, 'deeper/lucid');
  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  const digests = (folder: string, umask: string) =>
    execFileSync(
      'sh',
      [
        '-c',
        `umask ${umask}; exec "$0" "$@"`,
        process.execPath,
        'tools/images/build.mjs',
        '--dry-run',
        'base',
        'session-chunker',
        'blockchain-ledger',
        'openapi-server',
      ],
      {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          BASE_IMAGE: 'assembled',
          TZ: umask === '022' ? 'UTC' : 'Pacific/Apia',
          LANG: 'C',
        },
      },
    ).match(/sha256:[0-9a-f]{64}/g);

  test('have the same digests in another folder, with another umask and in another zone', () => {
    execFileSync('mkdir', ['-p', other]);
    const parts = [
      'tsconfig.base.json',
      'apps',
      'libs',
      'tools',
      'docker',
      'node_modules',
      'package.json',
      'package-lock.json',
    ];
    execFileSync('cp', ['-al', ...parts.map((each) => join(root, each)), other]);
    execFileSync('mkdir', ['-p', join(other, 'dist')]);
    if (existsSync(join(root, 'dist/native')))
      execFileSync('cp', ['-al', join(root, 'dist/native'), join(other, 'dist')]);
    // Made anew, not taken out of the cache.
    rmSync(join(other, 'node_modules/.cache/lucid/images/images'), { recursive: true, force: true });
    const here = digests(root, '022');
    expect(here).toHaveLength(6);
    expect(digests(other, '077')).toEqual(here);
  });
});
