// What services wait for before they serve (`after` of the topology), as containers beside them on a network of their own that leads
// nowhere: so that each can be looked at while it runs.
import { randomBytes } from 'node:crypto';
import { docker } from '../daemon.mjs';
import { ImageError } from '../download.mjs';
import { lastLine, runArguments, whyUnhealthy } from './running.mjs';

/** @import { Service } from '../../../libs/topology/src/service.ts' */
/** @import { Grants } from './running.mjs' */

/**
 * @typedef {object} Surroundings
 * @property {Record<string, Service>} services of the topology
 * @property {(service: string) => Grants} grantsOf
 * @property {(service: string) => string} referenceOf image of a service
 */

/** @typedef {{ network: string, stop: () => void }} Companions */

/**
 * @param {readonly string[]} names of services
 * @param {Surroundings} surroundings
 * @returns {Promise<Companions | null>} null: none of them waits for anything
 * @throws {ImageError} where one does not come up
 */
export async function startCompanions(names, surroundings) {
  const order = [...new Set(names.flatMap((name) => waitedFor(name, surroundings.services)))];
  if (order.length === 0) return null;
  const network = createNetwork();
  /** @type {string[]} */
  const containers = [];
  const stop = () => {
    if (containers.length > 0) docker(['rm', '--force', '--volumes', ...containers]);
    docker(['network', 'rm', network]);
  };
  try {
    for (const name of order) {
      const container = `${network}-${name}`;
      containers.push(container);
      await start(name, container, network, surroundings);
    }
    return { network, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

/** All that a service waits for, before what waits for it. @type {(name: string, services: Record<string, Service>) => string[]} */
const waitedFor = (name, services) =>
  (services[name]?.after ?? []).flatMap((each) => [...waitedFor(each, services), each]);

function createNetwork() {
  const [first = 0, second = 0] = randomBytes(2);
  const name = `lucid-check-${randomBytes(4).toString('hex')}`;
  // Far from the networks of the stack, which may be up.
  const subnet = `10.${128 + (first % 100)}.${second}.0/24`;
  const { ok, err } = docker(['network', 'create', '--internal', '--subnet', subnet, name]);
  if (!ok) throw new ImageError(`docker network create: ${err}`);
  return name;
}

/** @type {(name: string, container: string, network: string, surroundings: Surroundings) => Promise<void>} */
async function start(name, container, network, { grantsOf, referenceOf }) {
  const reference = referenceOf(name);
  const options = ['--network', network, '--network-alias', name];
  const { ok, err } = docker([
    'run',
    '--detach',
    '--name',
    container,
    ...options,
    ...runArguments(grantsOf(name)),
    reference,
  ]);
  if (!ok)
    throw new ImageError(`${reference}, which other services wait for, does not start: ${lastLine(err)}`);
  const test = docker(['image', 'inspect', '--format', '{{json .Config.Healthcheck.Test}}', reference]);
  const fault = await whyUnhealthy(container, JSON.parse(test.out || '[]'));
  if (fault) throw new ImageError(`${reference}, which other services wait for: ${fault.what}`);
}
