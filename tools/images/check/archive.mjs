// What lies in images, out of one `docker save` of all of them: a layer that several share is read once. Whatever Docker's version
// writes: layers as <id>/layer.tar or as blobs, packed by gzip or not.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { ImageError } from '../download.mjs';
import { findSecrets } from './secrets.mjs';
import { findShell } from './shells.mjs';

/**
 * @typedef {object} Item what a layer holds at a path
 * @property {string} path without a slash at either end
 * @property {string} type of the tar: `file`, `directory`, `symlink`, `link`, `character-device`, …
 * @property {number} mode permission bits, 0 to 0o7777
 * @property {number} uid
 * @property {number} gid
 * @property {boolean} [capable] it carries capabilities of its own (capabilities(7))
 * @property {string[]} secrets what of its content is secret, without the secret
 * @property {string | null} shell which shell its content is, whatever its name
 */

/**
 * @typedef {object} LayerFacts
 * @property {string} diffId
 * @property {number} sizeBytes of the tar
 * @property {Buffer} tar
 * @property {Item[]} items
 */

/**
 * @typedef {object} Configuration of an image, as Docker keeps it
 * @property {string} [created]
 * @property {string} architecture
 * @property {import('../image.mjs').Settings & { OnBuild?: string[] | null }} config
 * @property {{ created_by?: string }[]} [history]
 */

/** @typedef {{ reference: string, configuration: Configuration, layers: LayerFacts[] }} SavedImage */

/** @typedef {{ Config: string, RepoTags: string[] | null, Layers: string[] }} Manifest */

/**
 * @param {readonly string[]} references names that the daemon knows
 * @param {(layer: LayerFacts) => void | Promise<void>} [see] gets each layer once; its bytes are given up after that
 * @returns {Promise<SavedImage[]>} in the order of `references`
 * @throws {ImageError} where the daemon has not all of them
 */
export async function readImages(references, see = () => {}) {
  const child = spawn('docker', ['save', ...references], { stdio: ['ignore', 'pipe', 'pipe'] });
  const complaint = text(child.stderr);
  const ended = once(child, 'close');
  const outer = extract();
  const piped = pipeline(child.stdout, outer);
  /** @type {Map<string, Buffer>} */
  const documents = new Map();
  /** @type {Map<string, LayerFacts>} */
  const layers = new Map();
  /** @type {Map<string, string>} */
  const links = new Map();
  for await (const entry of outer) {
    const { name, type, linkname } = entry.header;
    const bytes = await bytesOf(entry);
    if (type === 'symlink') links.set(name, linkname ?? '');
    else if (type !== 'file' || bytes.length === 0) continue;
    else if (bytes[0] === 0x7b || bytes[0] === 0x5b) documents.set(name, bytes);
    else if (/layer\.tar$|^blobs\//.test(name)) {
      const layer = await readLayer(bytes);
      await see(layer);
      layers.set(name, { ...layer, tar: Buffer.alloc(0) });
    }
  }
  await piped;
  const [code] = await ended;
  if (code !== 0) throw new ImageError(`docker save: ${(await complaint).trim()}`);
  return references.map((reference) => imageOf(reference, { documents, layers, links }));
}

/**
 * @param {string} reference
 * @param {{ documents: Map<string, Buffer>, layers: Map<string, LayerFacts>, links: Map<string, string> }} parts
 * @returns {SavedImage}
 */
function imageOf(reference, { documents, layers, links }) {
  const read = (/** @type {string} */ name) => JSON.parse(String(documents.get(name)));
  /** @type {Manifest[]} */
  const manifests = read('manifest.json');
  const manifest = manifests.find(({ RepoTags }) => RepoTags?.includes(reference)) ?? manifests[0];
  if (!manifest) throw new ImageError(`docker save does not give ${reference}`);
  const layerAt = (/** @type {string} */ path) => {
    const target = links.get(path);
    const layer = layers.get(target ? target.replace(/^\.\.\//, '') : path);
    if (!layer) throw new ImageError(`docker save gives ${reference} without its layer ${path}`);
    return layer;
  };
  return { reference, configuration: read(manifest.Config), layers: manifest.Layers.map(layerAt) };
}

/** Four times as fast as node:stream/consumers. @type {(stream: AsyncIterable<Buffer>) => Promise<Buffer>} */
async function bytesOf(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** @type {(bytes: Buffer) => Promise<LayerFacts>} */
async function readLayer(bytes) {
  const tar = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`;
  const inner = extract();
  inner.end(tar);
  /** @type {Item[]} */
  const items = [];
  for await (const entry of inner) {
    const { name, type, mode = 0, uid = 0, gid = 0 } = entry.header;
    const { pax } = /** @type {{ pax?: Record<string, string> | null }} */ (entry.header);
    const content = await bytesOf(entry);
    const path = name
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/');
    if (path === '') continue;
    items.push({
      path,
      type: type ?? 'file',
      mode: mode & 0o7777,
      uid,
      gid,
      capable: pax?.['SCHILY.xattr.security.capability'] !== undefined,
      secrets: type === 'file' ? findSecrets(path, content) : [],
      shell: type === 'file' ? findShell(content) : null,
    });
  }
  return { diffId, sizeBytes: tar.length, tar, items };
}
