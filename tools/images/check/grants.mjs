// What compose gives each service, read from what compose itself makes of compose/lucid.yaml, with secrets of a folder that is made for
// this and taken away again: so that a container is tried with its real settings, volumes and secrets, but without a network.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImageError, root } from '../download.mjs';

/** @import { Grants } from './running.mjs' */

/**
 * @typedef {object} ComposeService as `docker compose config --format json` writes it
 * @property {Record<string, string | null>} [environment]
 * @property {{ source: string, target?: string }[]} [secrets]
 * @property {{ type: string, source?: string, target: string, read_only?: boolean }[]} [volumes]
 * @property {string[]} [tmpfs]
 * @property {string} [mem_limit]
 * @property {number} [pids_limit]
 */

/** Nothing but a place for temporary files. @type {Grants} */
export const noGrants = { options: ['--tmpfs', '/tmp'], writable: ['/tmp'], environment: {} };

/**
 * @returns {{ grantsOf: (service: string) => Grants, remove: () => void }}
 * @throws {ImageError} where there is no compose, or it does not take the file
 */
export function readGrants() {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-check-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    mkdirSync(join(folder, 'tor'));
    // Nothing is to leave this machine, though there is no network anyway.
    writeFileSync(join(folder, 'tor/off.conf'), 'DisableNetwork 1\n');
    run(process.execPath, [join(root, 'tools/make-secrets.mjs'), join(folder, 'secrets')]);
    const words = ['compose', '--env-file', join(folder, '.env'), '-f', join(root, 'compose/lucid.yaml')];
    const text = run('docker', [...words, '--profile', '*', 'config', '--format', 'json'], {
      LUCID_TOR_CONFIG: join(folder, 'tor'),
      LUCID_SECRETS: join(folder, 'secrets'),
    });
    /** @type {{ services: Record<string, ComposeService>, secrets: Record<string, { file: string }> }} */
    const { services, secrets } = JSON.parse(text);
    return { grantsOf: (name) => grantsFrom(services[name], secrets), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** @type {(program: string, args: readonly string[], environment?: Record<string, string>) => string} */
function run(program, args, environment = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (error || status !== 0)
    throw new ImageError(`${program} ${args[0]}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  return stdout;
}

/** @type {(service: ComposeService | undefined, secrets: Record<string, { file: string }>) => Grants} */
function grantsFrom(service, secrets) {
  if (!service) return noGrants;
  const { volumes = [], tmpfs = [], environment = {} } = service;
  const targets = volumes.filter(({ type }) => type === 'volume').map(({ target }) => target);
  const binds = volumes.filter(({ type }) => type === 'bind');
  const options = [
    ...(service.mem_limit ? ['--memory', service.mem_limit] : []),
    ...(service.pids_limit ? ['--pids-limit', String(service.pids_limit)] : []),
    ...tmpfs.flatMap((each) => ['--tmpfs', each]),
    // Volumes without a name: they go with the container.
    ...targets.flatMap((target) => ['--volume', target]),
    ...binds.flatMap(({ source, target }) => ['--volume', `${source}:${target}:ro`]),
    ...(service.secrets ?? []).flatMap(({ source, target }) => [
      '--volume',
      `${secrets[source]?.file}:${target ?? `/run/secrets/${source}`}:ro`,
    ]),
  ];
  const settings = Object.entries(environment).map(([key, value]) => [key, value ?? '']);
  return {
    options,
    writable: [...targets, ...tmpfs.map((each) => each.split(':')[0] ?? each)],
    environment: Object.fromEntries(settings),
  };
}
