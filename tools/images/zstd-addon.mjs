// The native Zstandard codec for an image: compiled where a compiler for its architecture is, and only where the result loads there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLock } from './base-lock.mjs';
import { root } from './download.mjs';

/** @import { Arch } from './image.mjs' */

/** Node's names of architectures, and the prefix of compilers for them. */
const TARGETS = {
  amd64: { node: 'x64', triple: 'x86_64-linux-gnu' },
  arm64: { node: 'arm64', triple: 'aarch64-linux-gnu' },
};

/** Newest symbols that the base's libraries have, by Debian's release. @type {Record<string, Record<string, number[]>>} */
const NEWEST = {
  bookworm: { GLIBC: [2, 36], GLIBCXX: [3, 4, 30], CXXABI: [1, 3, 13] },
  trixie: { GLIBC: [2, 41], GLIBCXX: [3, 4, 33], CXXABI: [1, 3, 15] },
};

/**
 * @param {Arch} arch
 * @returns {{ name: string, bytes: Buffer } | { why: string }} `why` there is none: the image's codec is WebAssembly then
 */
export function zstdAddon(arch) {
  const { node, triple } = TARGETS[arch];
  const name = `zstd-linux-${node}.node`;
  const path = join(root, 'dist/native', name);
  if (!existsSync(path)) {
    if (process.platform !== 'linux')
      return { why: `the native codec is compiled on Linux, this is ${process.platform}` };
    const isHost = process.arch === node;
    const compilers = isHost ? [] : ['--cc', `${triple}-gcc`, '--cxx', `${triple}-g++`];
    spawnSync(process.execPath, ['tools/build-zstd.mjs', '--quiet', '--arch', node, ...compilers], {
      cwd: root,
    });
    if (!existsSync(path))
      return { why: `there is no compiler for ${arch} here (${isHost ? 'cc' : `${triple}-gcc`})` };
  }
  const bytes = readFileSync(path);
  const tooNew = newerSymbol(bytes.toString('latin1'), readLock().release);
  return tooNew
    ? { why: `the compiler here links against a newer libc (${tooNew}) than the image has` }
    : { name, bytes };
}

/** The first symbol version that a release does not have. @type {(elf: string, release: string) => string | null} */
function newerSymbol(elf, release) {
  for (const [all, family = '', number = ''] of elf.matchAll(/\b(GLIBC|GLIBCXX|CXXABI)_(\d+(?:\.\d+)+)\b/g)) {
    const newest = NEWEST[release]?.[family] ?? [];
    const parts = number.split('.').map(Number);
    const at = parts.findIndex((part, index) => part !== (newest[index] ?? 0));
    if (at >= 0 && /** @type {number} */ (parts[at]) > (newest[at] ?? 0)) return all;
  }
  return null;
}
