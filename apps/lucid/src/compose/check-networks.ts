/** Are the networks, the addresses and the names of the stack free, or its own? */
import { networkInterfaces } from 'node:os';
import { type Check, fail, ok, warn } from '../commands/doctor-machine.ts';
import { type Docker, parseLines } from './docker.ts';
import type { StackModel } from './model.ts';
import { overlap } from './subnet.ts';

const PROJECT = 'com.docker.compose.project';

interface DockerNetwork {
  readonly Id: string;
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly IPAM: { readonly Config?: readonly { readonly Subnet?: string }[] | null };
  readonly Containers?: Readonly<Record<string, { readonly Name: string; readonly IPv4Address?: string }>>;
}

const subnetsOf = ({ IPAM }: DockerNetwork): string[] =>
  (IPAM.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);

async function readNetworks(docker: Docker): Promise<DockerNetwork[]> {
  const ids = (await docker.run('network', 'ls', '-q')).stdout.split('\n').filter(Boolean);
  if (ids.length === 0) return [];
  return JSON.parse((await docker.run('network', 'inspect', ...ids)).stdout || '[]') as DockerNetwork[];
}

/** A network of our name: is it ours, and as it shall be? */
function judgeOwn(found: DockerNetwork, project: string, subnet: string | undefined): Check | null {
  const owner = found.Labels?.[PROJECT];
  if (owner !== project)
    return fail(
      'networks',
      `the network ${found.Name} ${owner ? `belongs to the stack ${owner}` : 'was made by hand'}`,
      owner
        ? `Take that stack down: docker compose -p ${owner} down`
        : `Remove it: docker network rm ${found.Name}`,
    );
  if (subnet === undefined || subnetsOf(found).includes(subnet)) return null;
  return fail(
    'networks',
    `the network ${found.Name} has the addresses ${subnetsOf(found).join(', ')} where the file says ${subnet}`,
    'Take the stack down, then start it again: lucid down --compose',
  );
}

/** Others that have a part of our addresses. */
const judgeOthers = (
  all: readonly DockerNetwork[],
  { name, subnet }: { readonly name: string; readonly subnet: string },
): Check[] =>
  all
    .filter((other) => other.Name !== name)
    .flatMap((other) => subnetsOf(other).map((its) => ({ other, its })))
    .filter(({ its }) => overlap(its, subnet))
    .map(({ other, its }) =>
      fail(
        'networks',
        `the addresses of ${name} (${subnet}) are taken by the network ${other.Name} (${its})`,
        `Remove it (docker network rm ${other.Name}), or let Docker take other addresses by default-address-pools in /etc/docker/daemon.json.`,
      ),
    );

const bridgeOf = ({ Id, Options, Name }: DockerNetwork): string =>
  Options?.['com.docker.network.bridge.name'] ?? (Name === 'bridge' ? 'docker0' : `br-${Id.slice(0, 12)}`);

/** Interfaces of this machine that are no bridge of Docker: a VPN, a local network. */
function judgeMachine(all: readonly DockerNetwork[], name: string, subnet: string): Check[] {
  const bridges = new Set(all.map(bridgeOf));
  return Object.entries(networkInterfaces())
    .filter(([device]) => !bridges.has(device))
    .flatMap(([device, addresses = []]) => addresses.map(({ cidr }) => ({ device, cidr: cidr ?? '' })))
    .filter(({ cidr }) => overlap(cidr, subnet))
    .map(({ device, cidr }) =>
      warn(
        'networks',
        `the addresses of ${name} (${subnet}) are also those of ${device} (${cidr}): what is there cannot be reached while the stack runs`,
        `Give ${device} other addresses, or end it while the stack runs.`,
      ),
    );
}

interface Wanted {
  readonly service: string;
  readonly container: string | undefined;
  readonly address: string;
}

function judgeAddresses(found: DockerNetwork, wanted: readonly Wanted[], ours: ReadonlySet<string>): Check[] {
  return Object.values(found.Containers ?? {})
    .filter(({ Name }) => !ours.has(Name))
    .flatMap(({ Name, IPv4Address = '' }) => {
      const address = IPv4Address.replace(/\/\d+$/, '');
      const place = wanted.find((each) => each.address === address);
      return place
        ? [
            fail(
              'addresses',
              `${address} of ${place.service} on ${found.Name} is taken by the container ${Name}`,
              `Stop that container: docker stop ${Name}`,
            ),
          ]
        : [];
    });
}

interface Listed {
  readonly Names: string;
  readonly Labels: string;
}

const projectIn = ({ Labels }: Listed): string | undefined =>
  Labels.split(',')
    .find((label) => label.startsWith(`${PROJECT}=`))
    ?.slice(PROJECT.length + 1);

/** Containers of others that have the names of ours. */
function judgeNames(listed: readonly Listed[], { services, project }: StackModel): Check[] {
  const names = new Set(Object.values(services).flatMap(({ container_name }) => container_name ?? []));
  return listed
    .filter((each) => names.has(each.Names) && projectIn(each) !== project)
    .map((each) => {
      const owner = projectIn(each);
      return fail(
        'names',
        `the name ${each.Names} is taken by a container ${owner ? `of the stack ${owner}` : 'that belongs to no stack'}`,
        owner
          ? `Take that stack down: docker compose -p ${owner} down`
          : `Remove it: docker rm -f ${each.Names}`,
      );
    });
}

const wantedOn = ({ services }: StackModel, key: string): Wanted[] =>
  Object.entries(services).flatMap(([service, { networks, container_name }]) => {
    const address = networks?.[key]?.ipv4_address;
    return address ? [{ service, container: container_name, address }] : [];
  });

export async function checkNetworks(docker: Docker, model: StackModel): Promise<Check[]> {
  const all = await readNetworks(docker);
  const listed = parseLines<Listed>((await docker.run('ps', '-a', '--format', '{{json .}}')).stdout);
  const ours = new Set(listed.filter((each) => projectIn(each) === model.project).map(({ Names }) => Names));
  const bad = Object.entries(model.networks).flatMap(([key, { name, ipam }]) => {
    const subnet = ipam?.config?.[0]?.subnet;
    const found = all.find((each) => each.Name === name);
    const own = found && judgeOwn(found, model.project, subnet);
    return [
      ...(own ? [own] : []),
      ...(found && !own ? judgeAddresses(found, wantedOn(model, key), ours) : []),
      ...(subnet ? [...judgeOthers(all, { name, subnet }), ...judgeMachine(all, name, subnet)] : []),
    ];
  });
  const checks = [...bad, ...judgeNames(listed, model)];
  const count = Object.keys(model.networks).length;
  return checks.length > 0 ? checks : [ok('networks', `${count}, addresses and names are free or our own`)];
}
