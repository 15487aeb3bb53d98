/** Is Docker here, does its daemon answer, can its compose plugin read our files? */
import { type Check, fail, ok } from '../commands/doctor-machine.ts';
import { type Docker, type Ran, reasonOf } from './docker.ts';

/** What the files are tried with. */
const OLDEST = { engine: [20, 10], compose: [2, 20] } as const;

const textOf = ([major, minor]: readonly [number, number]): string => `${major}.${minor}`;

/** Null where the text begins with no version. */
function isOlder(text: string, [major, minor]: readonly [number, number]): boolean | null {
  const [, itsMajor, itsMinor] = /^v?(\d+)\.(\d+)/.exec(text.trim()) ?? [];
  if (itsMajor === undefined || itsMinor === undefined) return null;
  return Number(itsMajor) < major || (Number(itsMajor) === major && Number(itsMinor) < minor);
}

const INSTALL = 'Install Docker (https://docs.docker.com/engine/install), then try again.';
const INSTALL_COMPOSE =
  'Install its plugin, 2.20 or newer: docker-compose-plugin of Docker, docker-compose-v2 or docker-compose of your system.';

function checkDaemon(docker: Docker, ran: Ran): Check {
  if (ran.missing) return fail('docker', 'there is no program docker on this machine', INSTALL);
  const { DOCKER_HOST } = docker.env;
  if (ran.status !== 0 && /permission denied/i.test(ran.stderr))
    return fail(
      'docker',
      'this user may not use the Docker daemon',
      'Add the user to the group docker (sudo usermod -aG docker NAME) and sign in again: who is in it rules the machine.',
    );
  if (ran.status !== 0)
    return fail(
      'docker',
      DOCKER_HOST ? `no Docker daemon answers at ${DOCKER_HOST} (DOCKER_HOST)` : 'no Docker daemon answers',
      DOCKER_HOST
        ? 'Correct DOCKER_HOST, or unset it for the daemon of this machine.'
        : 'Start it: sudo systemctl start docker',
    );
  const version = ran.stdout.trim();
  return isOlder(version, OLDEST.engine)
    ? fail('docker', `engine ${version} is older than ${textOf(OLDEST.engine)}`, INSTALL)
    : ok('docker', `engine ${version}`);
}

function checkPlugin(ran: Ran): Check {
  if (ran.missing) return fail('compose', 'there is no program docker on this machine', INSTALL);
  if (ran.status !== 0)
    return fail('compose', `docker has no compose plugin (${reasonOf(ran)})`, INSTALL_COMPOSE);
  const version = ran.stdout.trim();
  const older = isOlder(version, OLDEST.compose);
  if (older === null)
    return fail('compose', `docker compose says no version but: ${version.slice(0, 40)}`, INSTALL_COMPOSE);
  return older
    ? fail('compose', `plugin ${version} is older than ${textOf(OLDEST.compose)}`, INSTALL_COMPOSE)
    : ok('compose', `plugin ${version}`);
}

/** In this order; what fails makes the rest pointless. */
export async function checkEngine(docker: Docker): Promise<Check[]> {
  const daemon = checkDaemon(docker, await docker.run('version', '--format', '{{.Server.Version}}'));
  if (daemon.status === 'fail') return [daemon];
  return [daemon, checkPlugin(await docker.run('compose', 'version', '--short'))];
}
