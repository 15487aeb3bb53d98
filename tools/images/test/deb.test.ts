import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lockedDebs, lockedGroup, REFRESH, readLock } from '../base-lock.mjs';
import { readDeb } from '../deb.mjs';
import { cacheFolder, fetchByHash, root, sha256Hex } from '../download.mjs';
import { file } from '../entries.mjs';
import { writeTar } from '../tar.mjs';

/** One member of an `ar` archive: 60 bytes of header, padded to an even length. */
const member = (name: string, bytes: Buffer) =>
  Buffer.concat([
    Buffer.from(
      `${name.padEnd(16)}${'0'.padEnd(12)}0     0     100644  ${String(bytes.length).padEnd(10)}\`\n`,
    ),
    bytes,
    Buffer.alloc(bytes.length % 2, '\n'),
  ]);

async function makeDeb(suffix: string, pack: (bytes: Buffer) => Buffer): Promise<Buffer> {
  const control = await writeTar([file('control', 'Package: sample\nVersion: 1:2-3\nArchitecture: all\n')]);
  // A name of its own makes each one another file for the cache.
  const data = await writeTar([file('usr/bin/sample', suffix, { mode: 0o755 })]);
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    member('debian-binary', Buffer.from('2.0\n')),
    member(`control.tar${suffix}`, pack(control)),
    member(`data.tar${suffix}`, pack(data)),
  ]);
}

const served = new Map<string, Buffer>();
const server = createServer((request, response) => {
  const bytes = served.get(request.url ?? '');
  response.writeHead(bytes ? 200 : 404).end(bytes);
});
let origin: string;
const kept: string[] = [];

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  for (const path of kept) rmSync(path, { force: true });
  server.close();
  await once(server, 'close');
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const keptPath = (hex: string) => join(cacheFolder, 'downloads', sha256Hex(hex).replaceAll('/', '_'));

function serve(path: string, bytes: Buffer) {
  served.set(path, bytes);
  const hex = sha256(bytes);
  kept.push(keptPath(hex));
  return { url: `${origin}${path}`, hex };
}

test('reads packages with gzip and with nothing around their tars', async () => {
  for (const [suffix, pack] of [
    ['.gz', gzipSync],
    ['', (bytes: Buffer) => bytes],
  ] as const) {
    const deb = await readDeb(await makeDeb(suffix, pack));
    expect(deb).toMatchObject({ name: 'sample', version: '1:2-3', md5sums: '' });
    expect(deb.entries.at(-1)).toMatchObject({ path: 'usr/bin/sample', mode: 0o755 });
  }
});

/** As `xz` writes it: a tar of one file, `control`, that names the package `squeezed`, version 4. */
const XZ_TAR = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARwAAAAQz1jM4Cf/AIBdADGbyhnbre+8GtxPrcaFT+6Fq/pH1Ph9M+aOdrr1iqFDZOAP3wobTlIHQiLbzzcAeXXnB77XCDDCJIYXR4ZfecMs/d9DGdK0UVkSmgcMgAxbbF5b8FlN1nVERJIyo7jW8jd09JjUZ3FCQJbioxacehV3163bIp2reetfoOPdifdFAC8lMcaTrKNYAAGcAYBQAADes3QVscRn+wIAAAAABFla',
  'base64',
);

test('reads xz, and refuses it where it is cut off', async () => {
  const deb = (bytes: Buffer) =>
    Buffer.concat([Buffer.from('!<arch>\n'), member('control.tar.xz', bytes), member('data.tar.xz', bytes)]);
  expect(await readDeb(deb(XZ_TAR))).toMatchObject({ name: 'squeezed', version: '4' });
  await expect(readDeb(deb(XZ_TAR.subarray(0, 60)))).rejects.toThrow();
});

test.each([
  ['text', Buffer.from('hello'), 'does not begin as an ar archive'],
  ['a cut one', Buffer.from('!<arch>\ndebian-binary   0 '), 'is cut off'],
  [
    'another compression',
    Buffer.concat([Buffer.from('!<arch>\n'), member('control.tar.zst', Buffer.alloc(2))]),
    'only xz, gzip and none',
  ],
  [
    'no control',
    Buffer.concat([Buffer.from('!<arch>\n'), member('debian-binary', Buffer.alloc(2))]),
    'it has no control.tar',
  ],
])('refuses %s', async (_, bytes, why) => {
  await expect(readDeb(bytes)).rejects.toThrow(why);
});

test('fetches once, and judges what it has kept', async () => {
  const { url, hex } = serve('/good.deb', await makeDeb('.gz', gzipSync));
  const download = { url, hash: sha256Hex(hex), remedy: 'x' };
  const bytes = await fetchByHash(download);
  served.delete('/good.deb');
  expect(Buffer.compare(await fetchByHash(download), bytes)).toBe(0);
});

test('refuses a package with other bytes than the lock says, and keeps nothing of it', async () => {
  const good = await makeDeb('.gz', gzipSync);
  const { url } = serve('/tampered.deb', Buffer.concat([good, Buffer.from('\n')]));
  const lock = lockOf('sample', { url, sha256: sha256(Buffer.from('what was locked')) });
  const before = existsSync(join(cacheFolder, 'downloads'))
    ? readdirSync(join(cacheFolder, 'downloads'))
    : [];
  await expect(lockedDebs('amd64', ['sample'], lock)).rejects.toThrow(
    `${url} is not the file that is expected (its sha256 differs); it was not used`,
  );
  expect(readdirSync(join(cacheFolder, 'downloads'))).toEqual(before);
});

test('names the command that helps where the mirror has a package no more, and where the lock has none', async () => {
  const lock = lockOf('gone', { url: `${origin}/gone.deb`, sha256: sha256(Buffer.from('gone')) });
  await expect(lockedDebs('amd64', ['gone'], lock)).rejects.toThrow(
    `${origin}/gone.deb is no longer there; run: ${REFRESH}`,
  );
  await expect(lockedDebs('amd64', ['other'], lock)).rejects.toThrow(
    `base.lock.json has no other for amd64; run: ${REFRESH}`,
  );
  await expect(lockedGroup('amd64', 'other', lock)).rejects.toThrow('base.lock.json has no group other');
});

test('says which host cannot be reached', async () => {
  const lock = lockOf('sample', {
    url: 'http://127.0.0.1:9/a.deb',
    sha256: sha256(Buffer.from('unreachable')),
  });
  await expect(lockedDebs('amd64', ['sample'], lock)).rejects.toThrow('127.0.0.1:9 cannot be reached');
});

function lockOf(name: string, deb: { url: string; sha256: string }) {
  const arch = {
    node: { url: '', integrity: '' },
    groups: { sample: [name] },
    debs: { [name]: { version: '1', ...deb } },
  };
  return { release: 'bookworm', node: '20', upstream: '', amd64: arch, arm64: arch };
}

test('the lock is of what packages.json asks for, for both architectures', () => {
  const wanted = JSON.parse(readFileSync(join(root, 'tools/images/packages.json'), 'utf8'));
  const programs = JSON.parse(readFileSync(join(root, 'tools/images/programs.json'), 'utf8'));
  const lock = readLock();
  expect(lock).toMatchObject({ release: wanted.release, node: wanted.node, upstream: wanted.upstream });
  for (const { groups, debs, node } of [lock.amd64, lock.arm64]) {
    expect(groups).toMatchObject(wanted.base[wanted.release]);
    for (const name of Object.keys(programs)) expect(groups[name]).not.toEqual([]);
    expect(Object.keys(debs).sort()).toEqual([...new Set(Object.values(groups).flat())].sort());
    for (const { url, sha256 } of Object.values(debs)) {
      expect(url).toMatch(/^https:\/\/deb\.debian\.org\/.*\.deb$/);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(node.url).toContain(`-${wanted.node}.tgz`);
    expect(node.integrity).toMatch(/^sha512-/);
  }
});
