// One service of the topology as a service of compose.
import { portVariable } from './settings.mjs';

/** Settings that are read from compose/.env or from the shell. */
const IMAGE = (name) => `\${LUCID_REGISTRY:-pickme/lucid}:${name}\${LUCID_VERSION:+-\${LUCID_VERSION:-}}`;

/** The folder that LUCID_DATA names, else a volume of Docker. */
const VOLUME = (volume) => `\${LUCID_DATA:+\${LUCID_DATA:-}/}${volume}`;

const isApp = ({ image }) => image.kind === 'node';

export const secretsOf = (name, service) => [
  ...(isApp(service) ? [`${name}_key`, 'keyring'] : []),
  ...Object.values(service.secrets ?? {}),
];

const environmentOf = (name, service) => ({
  ...(isApp(service)
    ? {
        LOG_LEVEL: '${LUCID_LOG_LEVEL:-info}',
        LUCID_SERVICE_KEY_FILE: `/run/secrets/${name}_key`,
        LUCID_SERVICE_KEYRING_FILE: '/run/secrets/keyring',
      }
    : {}),
  ...Object.fromEntries(
    Object.entries(service.secrets ?? {}).map(([variable, secret]) => [variable, `/run/secrets/${secret}`]),
  ),
  ...service.environment,
});

/**
 * The first check comes after one interval, on every engine. What others wait for is asked often, so that a stack is up soon; the
 * rest seldom, since each check starts a process.
 */
const healthcheckOf = (name, all) => ({
  interval: Object.values(all).some(({ after = [] }) => after.includes(name)) ? '3s' : '8s',
  timeout: '5s',
  retries: 3,
  start_period: '60s',
});

const networksOf = (service, topology) =>
  Object.fromEntries(
    service.networks.map((network) => [
      network,
      {
        ipv4_address: topology.addressOn(network, service.octet),
        ...(service.aliases ? { aliases: service.aliases } : {}),
      },
    ]),
  );

const publishedAt = (name, { containerPort, hostPort, published }) => {
  const host = published === 'loopback' ? '127.0.0.1' : '${LUCID_PUBLISH:-127.0.0.1}';
  return `${host}:\${${portVariable(name)}:-${hostPort}}:${containerPort}`;
};

const tmpfsOf = ({ tmpfs = {} }) => [
  '/tmp:size=64m,mode=1777',
  ...Object.entries(tmpfs).map(([path, options]) => `${path}:${options}`),
];

const entries = (object) => Object.entries(object);

/** Addresses of all that it may ask, by every name: a lookup asks no server, which for what is down takes Docker ten seconds. */
const hostsOf = (networks, names, { services, addressOn }) =>
  names.flatMap((name) => {
    const { networks: its, octet, aliases = [] } = services[name];
    const shared = networks.find((network) => its.includes(network));
    return shared ? [name, ...aliases].map((each) => `${each}:${addressOn(shared, octet)}`) : [];
  });

/** The same array for every service of the same networks, so that a file holds it once. */
export function createHosts(names, topology) {
  const known = new Map();
  return ({ networks }) => {
    const ours = networks.filter((network) => topology.networks[network].internal);
    const key = ours.join();
    if (!known.has(key)) known.set(key, hostsOf(ours, names, topology));
    return known.get(key);
  };
}

/** `topology` is the module of libs/topology. Undefined fields are for the writer to leave out. */
export function composeService(name, service, { topology, hostsFor }) {
  const { limits, profile, after = [], volumes = {}, mounts = {} } = service;
  const secrets = secretsOf(name, service);
  const environment = environmentOf(name, service);
  const mounted = [
    ...entries(volumes).map(([volume, path]) => `${VOLUME(volume)}:${path}`),
    ...entries(mounts).map(([source, path]) => `${source}:${path}:ro`),
  ];
  return {
    image: IMAGE(name),
    container_name: service.containerName ?? `lucid-${name}`,
    profiles: profile ? [profile] : undefined,
    labels: {
      'com.lucid.service': name,
      'com.lucid.plane': service.plane,
      'com.lucid.layer': String(service.layer),
    },
    environment: entries(environment).length > 0 ? environment : undefined,
    secrets: secrets.length > 0 ? secrets : undefined,
    volumes: mounted.length > 0 ? mounted : undefined,
    tmpfs: tmpfsOf(service),
    depends_on:
      after.length > 0
        ? Object.fromEntries(after.map((each) => [each, { condition: 'service_healthy' }]))
        : undefined,
    healthcheck: healthcheckOf(name, topology.services),
    networks: networksOf(service, topology),
    extra_hosts: hostsFor(service),
    ports: service.published ? [publishedAt(name, service)] : undefined,
    mem_limit: `${limits.memoryMb}m`,
    cpus: limits.cpus,
    pids_limit: limits.pids,
  };
}
