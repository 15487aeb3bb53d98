// Static programs in Go, the same bytes on every machine: one version of the compiler, no paths, no build identity, no C.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, ImageError } from './download.mjs';

/** @import { Arch } from './image.mjs' */

/** Any Go since 1.21 gets this one for itself. */
export const GO = '1.26.8';

const FLAGS = ['-trimpath', '-buildvcs=false'];

/** What of the environment reaches into the bytes; `GOENV` would bring in settings of the machine. @type {(arch: Arch) => Record<string, string>} */
const settingsOf = (arch) => ({
  CGO_ENABLED: '0',
  GOOS: 'linux',
  GOARCH: arch,
  GOAMD64: 'v1',
  GOARM64: 'v8.0',
  GOFLAGS: '-mod=readonly',
  GOEXPERIMENT: '',
  GOTOOLCHAIN: `go${GO}`,
});

/**
 * @typedef {object} GoProgram
 * @property {string} name
 * @property {string} folder absolute; its Go files and its module
 * @property {Arch} arch
 * @property {string} [source] package that is built; default: the one in the folder
 * @property {Record<string, string>} [strings] values of string variables, by their full names
 */

/**
 * Builds a program once for each state of its sources.
 * @param {GoProgram} program
 * @returns {string} path of the program
 * @throws {ImageError} where neither Go nor its image is to be had, or the build fails
 */
export function buildGoProgram({ name, folder, arch, source = '.', strings = {} }) {
  const values = Object.entries(strings).map(([key, value]) => ` -X ${key}=${value}`);
  const args = [...FLAGS, '-ldflags', `-s -w -buildid=${values.join('')}`];
  const home = join(cacheFolder, 'go');
  const program = join(
    home,
    `${name}-${arch}-${stateOf(folder, [GO, source, ...args, JSON.stringify(settingsOf(arch))])}`,
  );
  if (existsSync(program)) return program;
  mkdirSync(home, { recursive: true });
  const aside = mkdtempSync(join(home, 'build-'));
  try {
    build({ name, folder, arch, source, args, aside });
    chmodSync(join(aside, name), 0o755);
    renameSync(join(aside, name), program);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return program;
}

/** @type {(folder: string, more: readonly string[]) => string} */
function stateOf(folder, more) {
  const hash = createHash('sha256').update(more.join('\n'));
  for (const name of readdirSync(folder).sort()) {
    if (/^go\.(mod|sum)$|(?<!_test)\.go$/.test(name))
      hash.update(`\n${name}\n`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** @type {(options: { name: string, folder: string, arch: Arch, source: string, args: readonly string[], aside: string }) => void} */
function build({ name, folder, arch, source, args, aside }) {
  const here = spawnSync('go', ['build', ...args, '-o', join(aside, name), source], {
    cwd: folder,
    env: { ...process.env, ...settingsOf(arch) },
    encoding: 'utf8',
  });
  if (here.status === 0) return;
  if (!here.error && !isAnotherGo(here.stderr))
    throw new ImageError(`${name} cannot be built with Go: ${here.stderr.trim()}`);
  const command = ['go', 'build', ...args, '-o', `/out/${name}`, source];
  const container = ['run', ...containerOptions(folder, aside, arch), `golang:${GO}`, ...command];
  const there = spawnSync('docker', container, { encoding: 'utf8' });
  if (there.status === 0) return;
  const why = there.error?.message ?? there.stderr.trim().split('\n').slice(0, 3).join(' ');
  throw new ImageError(
    `${name} needs Go ${GO} (install any Go since 1.21, it fetches that version), or Docker's image golang:${GO}; neither is to be had here: ${why}`,
  );
}

/** @type {(folder: string, aside: string, arch: Arch) => string[]} */
function containerOptions(folder, aside, arch) {
  const { GOTOOLCHAIN: _, ...settings } = settingsOf(arch);
  const variables = {
    ...settings,
    GOTOOLCHAIN: 'local',
    HOME: '/tmp',
    GOCACHE: '/tmp/cache',
    GOPATH: '/tmp/go',
  };
  return [
    ...['--rm', '--user', `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`],
    ...['--volume', `${folder}:/source:ro`, '--volume', `${aside}:/out`, '--workdir', '/source'],
    ...Object.entries(variables).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
  ];
}

/** The Go that is here cannot become the one that is asked for. @type {(complaint: string) => boolean} */
const isAnotherGo = (complaint) =>
  /toolchain not available|download go1|go: downloading|unknown directive|invalid GOTOOLCHAIN/.test(
    complaint,
  );
