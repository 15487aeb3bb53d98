// Files from package mirrors, kept by their hash, so that a second build needs no network. Nothing unjudged is kept or returned.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Packages and layers, each under its hash. May be deleted at any time. */
export const cacheFolder = join(root, 'node_modules/.cache/lucid/images');

/** A sentence for whoever runs the command; a program prints it without a stack. */
export class ImageError extends Error {
  /** @override */
  name = 'ImageError';
}

const IDLE_MS = 30_000;

/**
 * @typedef {object} Download
 * @property {string} url
 * @property {string} hash `sha256-<base64>` or `sha512-<base64>`, as npm writes integrity; see `sha256Hex`
 * @property {string} remedy what to do where the file is gone or is another one, as a command
 */

/** @type {(hex: string) => string} */
export const sha256Hex = (hex) => `sha256-${Buffer.from(hex, 'hex').toString('base64')}`;

/** @type {(algorithm: string, bytes: Buffer) => string} */
const hashOf = (algorithm, bytes) => `${algorithm}-${createHash(algorithm).update(bytes).digest('base64')}`;

/**
 * @param {Download} download
 * @returns {Promise<Buffer>}
 * @throws {ImageError} where the file is gone, is another one than expected, or cannot be reached
 */
export async function fetchByHash({ url, hash, remedy }) {
  const algorithm = hash.slice(0, hash.indexOf('-'));
  const kept = join(cacheFolder, 'downloads', hash.replaceAll('/', '_'));
  if (existsSync(kept)) {
    const bytes = readFileSync(kept);
    if (hashOf(algorithm, bytes) === hash) return bytes;
  }
  const bytes = await download(url, remedy);
  if (hashOf(algorithm, bytes) !== hash)
    throw new ImageError(
      `${url} is not the file that is expected (its ${algorithm} differs); it was not used`,
    );
  keep(kept, bytes);
  return bytes;
}

/** Written aside and renamed, so that no reader sees half of it. @type {(path: string, bytes: Buffer | string) => void} */
export function keep(path, bytes) {
  mkdirSync(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, bytes);
  renameSync(aside, path);
}

/** @type {(url: string, remedy: string) => Promise<Buffer>} */
async function download(url, remedy) {
  const abort = new AbortController();
  const idle = setTimeout(() => abort.abort(), IDLE_MS);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (response.status === 404 || response.status === 410)
      throw new ImageError(`${url} is no longer there; run: ${remedy}`);
    if (!response.ok || !response.body)
      throw new ImageError(`${url} answers ${response.status}; try again later`);
    const pieces = [];
    for await (const piece of response.body) {
      idle.refresh();
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(`${new URL(url).host} cannot be reached for ${url}; check the network`, {
      cause: error,
    });
  } finally {
    clearTimeout(idle);
  }
}
