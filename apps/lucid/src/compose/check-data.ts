/** The folders of the host that containers are given: data (LUCID_DATA), settings (of tor). */
import { chownSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { plainReason } from '../cli/plain-reason.ts';
import { type Check, fail, ok } from '../commands/doctor-machine.ts';
import type { StackModel } from './model.ts';

/** Services run as this user. */
const USER = 1000;

interface Folder {
  readonly path: string;
  readonly service: string;
}

const foldersOf = ({ services }: StackModel, readOnly: boolean): Folder[] => {
  const all = Object.entries(services).flatMap(([service, { volumes }]) =>
    (volumes ?? [])
      .filter(({ type, source, read_only }) => type === 'bind' && source && (read_only ?? false) === readOnly)
      .map(({ source }) => ({ path: source as string, service })),
  );
  return [...new Map(all.map((each) => [each.path, each])).values()];
};

/** Undefined where nothing is there; null where this user may not look, as in a folder of user 1000: Docker's daemon may. */
function statOf(path: string): Stats | undefined | null {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return null;
    throw error;
  }
}

function judgeData({ path, service }: Folder): Check | null {
  const stat = statOf(path);
  const make = `sudo install -d -o ${USER} -g ${USER} ${path}`;
  if (stat === null) return null;
  if (!stat) return fail('data', `${path} for ${service} is not there`, `Make it for user ${USER}: ${make}`);
  if (!stat.isDirectory())
    return fail('data', `${path} for ${service} is no folder`, `Move it away, then: ${make}`);
  if (stat.uid === USER) return null;
  return fail(
    'data',
    `${path} belongs to user ${stat.uid}, but ${service} writes as user ${USER}`,
    `Give it to that user: sudo chown -R ${USER}:${USER} ${path}`,
  );
}

/** A folder of settings that is not there would silently be an empty one: tor would do without its bridges. */
const judgeSettings = ({ path, service }: Folder): Check | null =>
  statOf(path) !== undefined
    ? null
    : fail(
        'settings',
        `${path} with settings of ${service} is not there`,
        `Correct the setting that names it${service === 'tor-proxy' ? ' (LUCID_TOR_CONFIG)' : ''}, or make the folder.`,
      );

export function checkData(model: StackModel): Check[] {
  const data = foldersOf(model, false);
  const bad = [...data.map(judgeData), ...foldersOf(model, true).map(judgeSettings)].flatMap(
    (check) => check ?? [],
  );
  if (bad.length > 0) return bad;
  return [
    ok(
      'data',
      data.length === 0 ? 'in volumes of Docker' : `in ${dirname(data[0]?.path ?? '')}, of user ${USER}`,
    ),
  ];
}

/**
 * Makes the folders of data that are missing, where this user can give them to the containers' user. Not the folder above them: where
 * that is missing, a disk is not mounted. What could not be made is told by `checkData`.
 */
export function makeDataFolders(model: StackModel): void {
  const uid = process.getuid?.();
  if (uid !== 0 && uid !== USER) return;
  for (const { path } of foldersOf(model, false)) {
    if (statOf(path) !== undefined || !statOf(dirname(path))?.isDirectory()) continue;
    try {
      mkdirSync(path, { mode: 0o700 });
      if (uid === 0) chownSync(path, USER, USER);
    } catch (error) {
      throw new Error(`${basename(path)} cannot be made: ${plainReason(error)}`, { cause: error });
    }
  }
}
