// What an image's configuration must say, so that a container of it is safe without further words.
import { EPOCH } from '../image.mjs';
import { isSecretSetting } from './secrets.mjs';
import { runnerNamed } from './shells.mjs';

/** @import { Service } from '../../../libs/topology/src/service.ts' */
/** @import { Item, SavedImage } from './archive.mjs' */
/** @import { Fault } from './files.mjs' */

const USER = '1000:1000';
const LABELS = ['org.opencontainers.image.title', 'org.opencontainers.image.version', 'org.lucid.service'];

/** The label of an image that has a shell; its value is the shell. */
export const SHELL_LABEL = 'org.lucid.shell';

/**
 * @param {SavedImage} image
 * @param {Service} [row] of the topology; absent: it is of no service
 * @returns {Fault[]}
 */
export function judgeConfiguration({ configuration, layers }, row) {
  const tree = treeOf(layers.map(({ items }) => items));
  return [
    ...judgeSettings(configuration),
    ...judgeLabels(configuration.config.Labels ?? {}, row),
    ...judgeProgram(configuration.config, tree),
    ...(row ? judgePlaces(configuration.config, row, tree) : []),
  ];
}

/** What the layers make together. @type {(layers: readonly Item[][]) => Map<string, Item>} */
export function treeOf(layers) {
  const tree = new Map();
  for (const items of layers) {
    for (const item of items) {
      const slash = item.path.lastIndexOf('/') + 1;
      const removed = item.path.slice(slash).startsWith('.wh.');
      if (!removed) tree.set(item.path, item);
      else tree.delete(item.path.slice(0, slash) + item.path.slice(slash + 4));
    }
  }
  return tree;
}

/** @type {(configuration: SavedImage['configuration']) => Fault[]} */
function judgeSettings({ created, config, history = [] }) {
  /** @type {Fault[]} */
  const faults = [];
  const add = (/** @type {string} */ rule, /** @type {string} */ what) => faults.push({ rule, what });
  if (config.User !== USER) add('user', `its user is ${config.User || 'root'}, not ${USER}`);
  if (created !== EPOCH)
    add(
      'created',
      `it was created at ${created ?? 'no time'}, not at ${EPOCH}: the same files give another digest`,
    );
  if (config.OnBuild?.length) add('entrypoint', 'it has steps for images that are built on it (ONBUILD)');
  for (const each of config.Env ?? []) {
    const [name = '', ...value] = each.split('=');
    if (isSecretSetting(name, value.join('='))) add('secret', `its variable ${name} holds a secret`);
  }
  for (const { created_by = '' } of history) {
    for (const [, name = '', value = ''] of created_by.matchAll(/\b([A-Z][A-Z0-9_]*)=(\S+)/g))
      if (isSecretSetting(name, value)) add('secret', `its history holds a secret, ${name}`);
  }
  return faults;
}

/** @type {(labels: Record<string, string>, row: Service | undefined) => Fault[]} */
function judgeLabels(labels, row) {
  const faults = LABELS.filter((name) => !labels[name]).map((name) => ({
    rule: 'labels',
    what: `it has no label ${name}`,
  }));
  const development = row?.image?.kind === 'development';
  if (development && !labels[SHELL_LABEL])
    faults.push({
      rule: 'labels',
      what: `it is for development and does not say so by the label ${SHELL_LABEL}`,
    });
  if (!development && labels[SHELL_LABEL])
    faults.push({
      rule: 'labels',
      what: `its label ${SHELL_LABEL} says that it has a shell, and it is not for development`,
    });
  return faults;
}

/** @type {(config: SavedImage['configuration']['config'], tree: Map<string, Item>) => Fault[]} */
function judgeProgram({ Entrypoint, Cmd, Healthcheck, WorkingDir }, tree) {
  const faults = [];
  const [program = ''] = [...(Entrypoint ?? []), ...(Cmd ?? [])];
  const name = program.slice(program.lastIndexOf('/') + 1);
  if (program === '') faults.push({ rule: 'entrypoint', what: 'it names no program to run' });
  else if (runnerNamed(name) === 'shell')
    faults.push({ rule: 'entrypoint', what: `it runs ${program}: write its command as a list of words` });
  else if (!program.startsWith('/'))
    faults.push({ rule: 'entrypoint', what: `it runs ${program}, not a full path` });
  else if (!tree.has(program.slice(1)))
    faults.push({ rule: 'entrypoint', what: `it runs ${program}, which it does not have` });
  const [kind = 'NONE', checker = ''] = Healthcheck?.Test ?? [];
  if (kind === 'NONE') faults.push({ rule: 'healthcheck', what: 'it has no health check' });
  else if (kind !== 'CMD') faults.push({ rule: 'healthcheck', what: 'its health check is run by a shell' });
  else if (!tree.has(checker.slice(1)))
    faults.push({ rule: 'healthcheck', what: `it checks by ${checker}, which it does not have` });
  if (WorkingDir && WorkingDir !== '/' && !tree.has(WorkingDir.slice(1)))
    faults.push({ rule: 'entrypoint', what: `it works in ${WorkingDir}, which it does not have` });
  return faults;
}

/** Volumes and ports that the topology gives the service. @type {(config: SavedImage['configuration']['config'], row: Service, tree: Map<string, Item>) => Fault[]} */
function judgePlaces({ ExposedPorts = {} }, row, tree) {
  const faults = [];
  for (const path of Object.values(row.volumes ?? {})) {
    const folder = tree.get(path.slice(1));
    if (folder?.type !== 'directory' || `${folder.uid}:${folder.gid}` !== USER)
      faults.push({
        rule: 'volumes',
        what: `${path} is no folder of user ${USER} in it: a volume there would be root's`,
      });
  }
  for (const port of [row.containerPort, ...Object.values(row.otherPorts ?? {})]) {
    if (!ExposedPorts[`${port}/tcp`])
      faults.push({ rule: 'ports', what: `it does not say that it listens on ${port}` });
  }
  return faults;
}
