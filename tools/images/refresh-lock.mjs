// node tools/images/refresh-lock.mjs: writes tools/images/base.lock.json anew, with the newest packages of the release that packages.json
// names. apt judges Debian's signatures, in folders of its own: no root, nothing of this machine is changed, another architecture
// needs no `dpkg --add-architecture`. Needs apt-get, Debian's keyring and npm.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockedGroup, lockPath } from './base-lock.mjs';
import { cacheFolder, ImageError, root } from './download.mjs';
import { programFiles } from './program-files.mjs';

/** @import { Arch } from './image.mjs' */
/** @import { ArchLock, LockedDeb, Lock } from './base-lock.mjs' */

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const MIRROR = 'https://deb.debian.org';

/** @type {Record<Arch, string>} npm's names of architectures */
const NPM_ARCH = { amd64: 'x64', arm64: 'arm64' };

/** @type {(program: string, args: readonly string[], environment?: Record<string, string>) => string} */
function run(program, args, environment = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', ...environment },
    maxBuffer: 1 << 26,
  });
  if (error)
    throw new ImageError(
      `${program} is not on this machine; renew the lock on Debian, or in a container of it`,
    );
  if (status !== 0) {
    const lines = stderr.trim().split('\n');
    const why = lines.find((line) => /^(E: |npm error 404)/.test(line)) ?? lines.at(-1);
    throw new ImageError(`${program} ${args.join(' ')}: ${why}`);
  }
  return stdout;
}

/** An apt that knows nothing of this machine. @type {(arch: Arch, release: string) => (args: readonly string[]) => string} */
function privateApt(arch, release) {
  const folder = join(cacheFolder, 'apt', `${release}-${arch}`);
  for (const each of ['state/lists/partial', 'cache/archives/partial', 'etc/apt.conf.d', 'etc/preferences.d'])
    mkdirSync(join(folder, each), { recursive: true });
  const source = (/** @type {string} */ path, /** @type {string} */ suite) =>
    `deb [signed-by=${KEYRING}] ${MIRROR}/${path} ${suite} main\n`;
  writeFileSync(
    join(folder, 'etc/sources.list'),
    source('debian', release) +
      source('debian', `${release}-updates`) +
      source('debian-security', `${release}-security`),
  );
  writeFileSync(join(folder, 'status'), '');
  const settings = {
    'Dir::State': join(folder, 'state'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Dir::Etc': join(folder, 'etc'),
    'APT::Architecture': arch,
    'APT::Install-Recommends': 'false',
    'Acquire::Languages': 'none',
  };
  const config = join(folder, 'apt.conf');
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
  writeFileSync(config, [...lines, `APT::Architectures { "${arch}"; };`, ''].join('\n'));
  return (args) => run('apt-get', args, { APT_CONFIG: config });
}

/** @type {(apt: (args: readonly string[]) => string, names: readonly string[]) => Map<string, LockedDeb>} */
function locate(apt, names) {
  // Each line: 'URL' NAME_VERSION_ARCH.deb SIZE SHA256:HEX
  const line = /^'([^']+)' ([^\s_]+)_(\S+)_[^\s_]+\.deb \d+ SHA256:([0-9a-f]{64})$/gm;
  const found = [...apt(['download', '--print-uris', ...names]).matchAll(line)].map(
    ([, url = '', name = '', version = '', sha256 = '']) =>
      /** @type {const} */ ([name, { version: decodeURIComponent(version), url, sha256 }]),
  );
  return new Map(found);
}

/** Packages with all that they depend on. @type {(apt: (args: readonly string[]) => string, names: readonly string[]) => string[]} */
const closureOf = (apt, names) =>
  [...apt(['install', '--print-uris', '--yes', ...names]).matchAll(/^'[^']+' ([^\s_]+)_\S+\.deb /gm)]
    .map(([, name = '']) => name)
    .sort();

const wanted = JSON.parse(readFileSync(join(root, 'tools/images/packages.json'), 'utf8'));
const programs = JSON.parse(readFileSync(join(root, 'tools/images/programs.json'), 'utf8'));

/** @type {(arch: Arch) => ArchLock} */
function lockArch(arch) {
  const apt = privateApt(arch, wanted.release);
  apt(['update']);
  /** @type {Record<string, string[]>} */
  const groups = { ...wanted.base[wanted.release] };
  for (const [name, { take }] of Object.entries(programs)) groups[name] = closureOf(apt, Object.keys(take));
  const names = [...new Set(Object.values(groups).flat())].sort();
  const found = locate(apt, names);
  const debs = names.map((name) => {
    const deb = found.get(name);
    if (!deb) throw new ImageError(`apt names no file for ${name} on ${arch}`);
    return [name, deb];
  });
  return { node: lockNode(arch), groups, debs: Object.fromEntries(debs) };
}

/** @type {(arch: Arch) => { url: string, integrity: string }} */
function lockNode(arch) {
  const dist = JSON.parse(
    run('npm', ['view', `node-linux-${NPM_ARCH[arch]}@${wanted.node}`, 'dist', '--json']),
  );
  return { url: dist.tarball, integrity: dist.integrity };
}

/**
 * Leaves of what programs depend on the packages that their images take files from. Another release may have other paths: what is
 * not found is told, and the image cannot be built before programs.json says where it is.
 * @type {(lock: Lock, arch: Arch) => Promise<void>}
 */
async function cutToImages(lock, arch) {
  const { groups, debs } = lock[arch];
  for (const [name, { take, omit }] of Object.entries(programs)) {
    const all = await lockedGroup(arch, name, lock);
    try {
      groups[name] = programFiles({ name, take, omit }, all, arch).packages;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      console.error(`${error.message}, for ${arch}; tell where it is in tools/images/programs.json`);
    }
  }
  const used = new Set(Object.values(groups).flat());
  for (const name of Object.keys(debs)) if (!used.has(name)) delete debs[name];
}

try {
  if (!existsSync(KEYRING)) throw new ImageError(`${KEYRING} is missing; install debian-archive-keyring`);
  const { release, node, upstream } = wanted;
  const lock = { release, node, upstream, amd64: lockArch('amd64'), arm64: lockArch('arm64') };
  for (const arch of /** @type {const} */ (['amd64', 'arm64'])) await cutToImages(lock, arch);
  writeFileSync(lockPath, `${JSON.stringify(lock, null, 2)}\n`);
  for (const arch of /** @type {const} */ (['amd64', 'arm64']))
    console.log(`${arch}: Node ${node}, ${Object.keys(lock[arch].debs).length} packages of ${release}`);
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exit(1);
}
