// An image out of a base and the steps of a Dockerfile, without a daemon and the same on every machine.
// Format: https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readDockerfile } from './dockerfile.mjs';
import { ImageError, root } from './download.mjs';
import { directory, file, readFolder, sortEntries } from './entries.mjs';
import { writeTar } from './tar.mjs';

/** @import { Entry } from './entries.mjs' */
/** @import { Healthcheck, Step } from './dockerfile.mjs' */

/** @typedef {'amd64' | 'arm64'} Arch */

/** @typedef {import('./entries.mjs').Place} Place */

/**
 * @typedef {object} Layer
 * @property {string} diffId `sha256:<hex>` of the tar
 * @property {number} sizeBytes of the tar, not compressed
 * @property {() => Buffer} read the tar
 */

/**
 * @typedef {object} Settings the `config` of an image's configuration
 * @property {string} [User]
 * @property {Record<string, object>} [ExposedPorts]
 * @property {string[]} [Env]
 * @property {string[]} [Entrypoint]
 * @property {string[]} [Cmd]
 * @property {Healthcheck} [Healthcheck]
 * @property {Record<string, object>} [Volumes]
 * @property {string} [WorkingDir]
 * @property {Record<string, string>} [Labels]
 */

/** @typedef {{ created: string, created_by: string, empty_layer?: true }} History */

/**
 * @typedef {object} Image
 * @property {Arch} arch
 * @property {Settings} settings
 * @property {History[]} history
 * @property {Layer[]} layers lowest first
 * @property {Map<string, Place>} tree what the layers make together, by path
 * @property {Buffer} config JSON, as the daemon keeps it
 * @property {string} digest `sha256:<hex>` of `config`: the image's ID
 */

export const EPOCH = '1970-01-01T00:00:00Z';

/** @type {(bytes: Buffer) => string} */
export const sha256 = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/**
 * @param {readonly Entry[]} entries
 * @param {ReadonlyMap<string, Place>} [below] what the layers below hold
 * @returns {Promise<Layer>}
 */
export async function createLayer(entries, below) {
  const tar = await writeTar(entries, below);
  return { diffId: sha256(tar), sizeBytes: tar.length, read: () => tar };
}

/**
 * @param {Pick<Image, 'arch' | 'settings' | 'history' | 'layers' | 'tree'>} parts
 * @returns {Image}
 */
export function createImage({ arch, settings, history, layers, tree }) {
  const config = Buffer.from(
    JSON.stringify({
      architecture: arch,
      config: settings,
      created: EPOCH,
      history,
      os: 'linux',
      rootfs: { diff_ids: layers.map(({ diffId }) => diffId), type: 'layers' },
      ...(arch === 'arm64' ? { variant: 'v8' } : {}),
    }),
  );
  return { arch, settings, history, layers, tree, config, digest: sha256(config) };
}

/**
 * @param {object} options
 * @param {string} options.dockerfile its path
 * @param {Arch} options.arch
 * @param {Record<string, string>} [options.args] as `--build-arg`
 * @param {(reference: string, arch: Arch) => Promise<Image>} options.baseOf finds the image that FROM names
 * @param {string} [options.context] the folder that COPY reads from; default: the workspace
 * @returns {Promise<Image>}
 * @throws {ImageError} naming the Dockerfile's line
 */
export async function assembleImage({ dockerfile, arch, args = {}, baseOf, context = root }) {
  const { from, steps } = readDockerfile(dockerfile, { arch, args });
  const base = await baseOf(from, arch);
  const image = {
    arch,
    settings: structuredClone(base.settings),
    history: [...base.history],
    layers: [...base.layers],
    tree: new Map(base.tree),
  };
  for (const step of steps) {
    const refuse = (/** @type {string} */ why) => {
      throw new ImageError(`${dockerfile}:${step.line}: ${why}`);
    };
    let changed = false;
    if (step.kind === 'COPY') {
      const entries = copiedEntries(step, context, image.tree, refuse);
      image.layers.push(await createLayer(entries, image.tree));
      changed = true;
      addToTree(image.tree, entries);
    } else configure(image.settings, step, image.tree, refuse);
    image.history.push({
      created: EPOCH,
      created_by: step.text,
      ...(changed ? {} : { empty_layer: /** @type {const} */ (true) }),
    });
  }
  return createImage(image);
}

/** Lays entries over what a tree holds, as a layer does. @type {(tree: Map<string, Place>, entries: readonly Entry[]) => void} */
export function addToTree(tree, entries) {
  for (const { path, type, mode, uid, gid } of sortEntries(entries, tree)) {
    const slash = path.lastIndexOf('/') + 1;
    const name = path.slice(slash);
    if (name === '.wh..wh..opq') removeBelow(tree, path.slice(0, slash));
    else if (name.startsWith('.wh.')) {
      const removed = path.slice(0, slash) + name.slice(4);
      tree.delete(removed);
      removeBelow(tree, `${removed}/`);
    } else tree.set(path, { type, mode, uid, gid });
  }
}

/** @type {(tree: Map<string, Place>, prefix: string) => void} */
function removeBelow(tree, prefix) {
  for (const path of tree.keys()) if (path.startsWith(prefix)) tree.delete(path);
}

/** @typedef {(why: string) => void} Refuse */

/** @type {(step: Extract<Step, { kind: 'COPY' }>, context: string, tree: ReadonlyMap<string, Place>, refuse: Refuse) => Entry[]} */
function copiedEntries({ sources, to, uid, gid }, context, tree, refuse) {
  const target = to.replace(/^\/+|\/+$/g, '');
  /** @type {Entry[]} */
  const entries = [];
  for (const source of sources) {
    const from = join(context, source);
    const status = lstatSync(from, { throwIfNoEntry: false });
    if (!status) refuse(`COPY ${source}: there is no such file; stage the image's files first`);
    else if (status.isDirectory()) {
      const inside = readFolder(from, target);
      // A directory that is there already keeps its owner and mode; those in it get the copied ones.
      const isThere = target === '' || tree.get(target)?.type === 'directory';
      entries.push(...(isThere ? inside.filter(({ path }) => path !== target) : inside));
    } else {
      const isFolder = to.endsWith('/') || tree.get(target)?.type === 'directory';
      const path = isFolder ? [target, basename(source)].filter(Boolean).join('/') : target;
      entries.push(file(path, readFileSync(from), { mode: status.mode & 0o7777 }));
    }
  }
  const owned = entries.map((entry) => ({ ...entry, uid, gid }));
  for (const { path, type } of owned) judgePlace(path, type, tree, refuse);
  return [...missingParents(owned, tree, { uid, gid }), ...owned];
}

/** @type {(path: string, type: Entry['type'], tree: ReadonlyMap<string, Place>, refuse: Refuse) => void} */
function judgePlace(path, type, tree, refuse) {
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    const there = tree.get(parent);
    if (there && there.type !== 'directory')
      refuse(`COPY of /${path}: /${parent} is a ${there.type} in the image below; name the real folder`);
  }
  const there = tree.get(path);
  // A file may replace a file; what builders make of other pairs differs.
  const kindOf = (/** @type {Entry['type']} */ each) => (each === 'link' ? 'file' : each);
  if (there && kindOf(there.type) !== kindOf(type))
    refuse(`COPY of /${path}: the image below has a ${there.type} there`);
}

/** @type {(entries: readonly Entry[], tree: ReadonlyMap<string, Place>, owner: { uid: number, gid: number }) => Entry[]} */
function missingParents(entries, tree, owner) {
  const known = new Set(entries.map(({ path }) => path));
  const missing = [];
  for (const { path } of entries) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
      if (known.has(parent) || tree.has(parent)) continue;
      known.add(parent);
      missing.push(directory(parent, owner));
    }
  }
  return missing;
}

/** @type {(settings: Settings, step: Exclude<Step, { kind: 'COPY' }>, tree: ReadonlyMap<string, Place>, refuse: Refuse) => void} */
function configure(settings, step, tree, refuse) {
  switch (step.kind) {
    case 'ENV': {
      const variables = new Map((settings.Env ?? []).map((each) => [each.split('=', 1)[0] ?? '', each]));
      for (const [name, value] of step.values) variables.set(name, `${name}=${value}`);
      settings.Env = [...variables.values()];
      break;
    }
    case 'LABEL':
      settings.Labels = sorted({ ...settings.Labels, ...Object.fromEntries(step.values) });
      break;
    case 'USER':
      settings.User = step.value;
      break;
    case 'WORKDIR':
      if (tree.get(step.value.replace(/^\/+|\/+$/g, ''))?.type !== 'directory')
        refuse(`WORKDIR ${step.value}: there is no such folder in the image; COPY one there before`);
      settings.WorkingDir = step.value;
      break;
    case 'ENTRYPOINT':
      settings.Entrypoint = step.values;
      // As a builder does: the base's command was meant for the base's program.
      delete settings.Cmd;
      break;
    case 'CMD':
      settings.Cmd = step.values;
      break;
    case 'EXPOSE':
      settings.ExposedPorts = sorted({ ...settings.ExposedPorts, ...keysOf(step.values) });
      break;
    case 'VOLUME':
      settings.Volumes = sorted({ ...settings.Volumes, ...keysOf(step.values) });
      break;
    case 'HEALTHCHECK':
      settings.Healthcheck = step.check;
  }
}

/** @type {(names: readonly string[]) => Record<string, object>} */
const keysOf = (names) => Object.fromEntries(names.map((name) => [name, {}]));

/** @template T @param {Record<string, T>} values @returns {Record<string, T>} */
const sorted = (values) => Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
