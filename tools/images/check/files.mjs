// What no file in any layer may be. Layers are judged one by one: what a later one takes away is still in the image.
import { runnerNamed } from './shells.mjs';

/** @import { Item, LayerFacts } from './archive.mjs' */

/** @typedef {{ rule: string, what: string }} Fault */

/** Folders that everybody may write to, each for its own files. */
const SHARED_FOLDERS = new Set(['tmp', 'var/tmp', 'var/lock', 'run/lock', 'dev/shm']);

const SETUID_OR_SETGID = 0o6000;
const STICKY = 0o1000;
const WRITABLE_BY_ALL = 0o002;

/**
 * @param {readonly LayerFacts[]} layers
 * @param {{ development: boolean }} options `development`: a shell may be there, and managers of packages of a language
 * @returns {Fault[]}
 */
export const judgeFiles = (layers, { development }) =>
  layers.flatMap(({ items, diffId }) =>
    items.flatMap((item) =>
      faultsOf(item, development).map(({ rule, what }) => ({
        rule,
        what: `/${item.path} ${what} (layer ${diffId.slice('sha256:'.length, 19)})`,
      })),
    ),
  );

/** @type {(item: Item, development: boolean) => Fault[]} */
function faultsOf(item, development) {
  const { path, type, mode, capable, secrets } = item;
  /** @type {Fault[]} */
  const faults = [];
  const add = (/** @type {string} */ rule, /** @type {string} */ what) => faults.push({ rule, what });
  faults.push(...runnerFaults(item, development));
  if (type !== 'directory' && mode & SETUID_OR_SETGID)
    add('setuid', `is setuid or setgid (mode ${octal(mode)})`);
  if (capable) add('setuid', 'carries capabilities of its own');
  if (/device|fifo|socket/.test(type)) add('device', `is a ${type}`);
  if (type !== 'symlink' && mode & WRITABLE_BY_ALL && !(mode & STICKY && SHARED_FOLDERS.has(path)))
    add('world-writable', `can be written by everybody (mode ${octal(mode)})`);
  for (const secret of secrets) add('secret', `is or holds ${secret}`);
  return faults;
}

/** @type {(item: Item, development: boolean) => Fault[]} */
function runnerFaults({ path, type, mode, shell }, development) {
  const runs = type === 'symlink' || type === 'link' || (type === 'file' && mode & 0o111);
  if (!runs) return [];
  const name = path.slice(path.lastIndexOf('/') + 1);
  const runner = shell ? 'shell' : runnerNamed(name);
  if (!runner || (development && runner !== 'package-manager')) return [];
  if (runner === 'shell')
    return [{ rule: 'shell', what: shell && shell !== name ? `is the shell ${shell}` : 'is a shell' }];
  return [{ rule: 'package-manager', what: 'manages packages' }];
}

/** @type {(mode: number) => string} */
const octal = (mode) => mode.toString(8).padStart(4, '0');
