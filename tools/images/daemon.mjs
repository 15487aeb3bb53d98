// Handing images to Docker's daemon: a docker-archive (`docker save`'s format) through `docker load`.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { posix } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { ImageError } from './download.mjs';
import { addToTree, sha256 } from './image.mjs';
import { readTar } from './tar.mjs';

/** @import { Arch, Image, Layer, Place } from './image.mjs' */

/** @type {(args: readonly string[]) => { ok: boolean, out: string, err: string }} */
export function docker(args) {
  const { status, stdout, stderr, error } = spawnSync('docker', args, { encoding: 'utf8' });
  if (error)
    throw new ImageError('docker is not installed; install Docker Engine 20.10 or newer', { cause: error });
  return { ok: status === 0, out: stdout.trim(), err: stderr.trim() };
}

/** This machine's architecture, as Docker names it. @returns {Arch} */
export const hostArch = () => (process.arch === 'arm64' ? 'arm64' : 'amd64');

/** `amd64` or `arm64`: what the daemon runs. @throws {ImageError} where it does not answer */
export function daemonArch() {
  const { ok, out, err } = docker(['version', '--format', '{{.Server.Arch}}']);
  if (!ok) throw new ImageError(`Docker's daemon does not answer: ${err.split('\n')[0]}`);
  if (out !== 'amd64' && out !== 'arm64')
    throw new ImageError(`there are no images for ${out}, only for amd64 and arm64`);
  return out;
}

/** What the daemon keeps under a name, or null. @type {(name: string) => { id: string, arch: string, layers: string[] } | null} */
export function findImage(name) {
  const format = '{{.Id}} {{.Architecture}} {{range .RootFS.Layers}}{{.}} {{end}}';
  const { ok, out } = docker(['image', 'inspect', '--format', format, name]);
  if (!ok) return null;
  const [id = '', arch = '', ...layers] = out.split(' ');
  return { id, arch, layers };
}

/**
 * Writes a docker-archive.
 * @param {Image} image
 * @param {readonly string[]} tags
 * @param {readonly Layer[]} layers those whose bytes are put in
 * @param {import('node:stream').Writable} to
 */
export async function writeArchive(image, tags, layers, to) {
  const archive = pack();
  const done = pipeline(archive, to);
  const add = async (/** @type {string} */ name, /** @type {Buffer} */ bytes) => {
    const sink = archive.entry({ name, size: bytes.length, mode: 0o644, mtime: new Date(0) });
    sink.end(bytes);
    await once(sink, 'finish');
  };
  const nameOf = (/** @type {string} */ digest) => digest.slice('sha256:'.length);
  const write = async () => {
    const config = `${nameOf(image.digest)}.json`;
    await add(config, image.config);
    for (const layer of new Map(layers.map((each) => [each.diffId, each])).values())
      await add(`${nameOf(layer.diffId)}.tar`, layer.read());
    const manifest = [
      { Config: config, RepoTags: tags, Layers: image.layers.map(({ diffId }) => `${nameOf(diffId)}.tar`) },
    ];
    await add('manifest.json', Buffer.from(JSON.stringify(manifest)));
    archive.finalize();
  };
  await Promise.all([write(), done]);
}

/**
 * Gives an image to the daemon under all of `tags`. Layers of `base` are left out where the daemon has them already, so that a base
 * of 120 MB is handed over once and not once an image. What had these names before is removed, unless something uses it.
 * @param {Image} image
 * @param {readonly [string, ...string[]]} tags
 * @param {string} [base] name under which the daemon has the lower layers
 * @returns {Promise<'loaded' | 'unchanged'>}
 * @throws {ImageError} with what the daemon says
 */
export async function loadImage(image, tags, base) {
  const before = tags.map((tag) => findImage(tag)?.id);
  if (before.every((id) => id === image.digest)) return 'unchanged';
  const kept = base ? (findImage(base)?.layers ?? []) : [];
  const shared = kept.every((diffId, index) => image.layers[index]?.diffId === diffId) ? kept.length : 0;
  const fault = await load(image, tags, image.layers.slice(shared));
  // A daemon that keeps images in containerd wants all of them.
  const last = fault && shared > 0 ? await load(image, tags, image.layers) : fault;
  if (last) throw new ImageError(`docker load refuses ${tags[0]}: ${last}`);
  for (const id of new Set(before)) if (id) removeNameless(id);
  return 'loaded';
}

/** Takes an image that has lost its names off the disk; one that a container uses stays. @type {(id: string) => void} */
function removeNameless(id) {
  if (docker(['image', 'inspect', '--format', '{{len .RepoTags}}', id]).out === '0')
    docker(['image', 'rm', id]);
}

/** Null, or what the daemon complains of. @type {(image: Image, tags: readonly string[], layers: readonly Layer[]) => Promise<string | null>} */
async function load(image, tags, layers) {
  const child = spawn('docker', ['load', '--quiet'], { stdio: ['pipe', 'ignore', 'pipe'] });
  const complaint = text(child.stderr);
  const ended = once(child, 'close');
  try {
    await writeArchive(image, tags, layers, child.stdin);
  } catch (error) {
    // The daemon hung up: why, it says on standard error.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPIPE') throw error;
  }
  const [code] = await ended;
  return code === 0 ? null : (await complaint).trim() || `it ends with ${code}`;
}

/**
 * Takes an image out of the daemon, one that was pulled.
 * @param {string} name
 * @returns {Promise<Image>}
 */
export async function saveImage(name) {
  const child = spawn('docker', ['save', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaint = text(child.stderr);
  const ended = once(child, 'close');
  const files = new Map();
  /** @type {Map<string, string>} a layer that is there twice is written once */
  const links = new Map();
  const stream = extract();
  const piped = pipeline(child.stdout, stream);
  for await (const item of stream) {
    const { name, type, linkname } = item.header;
    if (type === 'symlink') links.set(name, posix.join(posix.dirname(name), linkname ?? ''));
    files.set(name, await buffer(item));
  }
  await piped;
  const [code] = await ended;
  if (code !== 0) throw new ImageError(`docker save ${name}: ${(await complaint).trim()}`);
  for (const [name, target] of links) files.set(name, files.get(target));
  return imageOfFiles(files);
}

/**
 * The image in an archive of `docker save`, by the names of its files. A daemon that keeps images in containerd gives layers as they
 * were pulled, packed by gzip.
 * @param {ReadonlyMap<string, Buffer>} files
 * @returns {Promise<Image>}
 * @throws {ImageError} where a layer is missing or is not the one that the configuration names
 */
export async function imageOfFiles(files) {
  const [manifest] = JSON.parse(String(files.get('manifest.json')));
  const config = files.get(manifest.Config) ?? Buffer.alloc(0);
  const { architecture, config: settings, history, rootfs } = JSON.parse(String(config));
  /** @type {Map<string, Place>} */
  const tree = new Map();
  const layers = [];
  for (const [index, path] of manifest.Layers.entries()) {
    const bytes = files.get(path) ?? Buffer.alloc(0);
    const tar = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    if (sha256(tar) !== rootfs.diff_ids[index])
      throw new ImageError(
        `docker save gives no layer ${rootfs.diff_ids[index]} under ${path}; pull the image again`,
      );
    addToTree(tree, await readTar(tar));
    layers.push({ diffId: rootfs.diff_ids[index], sizeBytes: tar.length, read: () => tar });
  }
  return { arch: architecture, settings, history, layers, tree, config, digest: sha256(config) };
}
