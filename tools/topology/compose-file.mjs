// Compose files: each holds all it needs, also what lower layers have, because `include` of compose 2.20 does not hand the shell's
// variables on.
import { Document, isMap, visit } from 'yaml';
import { composeService, createHosts, secretsOf } from './compose-service.mjs';

/** What every container has in common. */
const COMMON = {
  user: '1000:1000',
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  restart: 'unless-stopped',
  pull_policy: '${LUCID_PULL:-missing}',
  stop_grace_period: '20s',
  // No lookup leaves a container: its own loopback address answers none.
  dns: ['127.0.0.1'],
  logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
};

const withoutUndefined = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

const networkOf = (name, topology) => {
  const { name: inDocker, prefix, internal, egress, bridge } = topology.networks[name];
  return withoutUndefined({
    name: inDocker,
    internal: internal || undefined,
    driver_opts: withoutUndefined({
      'com.docker.network.bridge.name': bridge,
      'com.docker.network.bridge.enable_ip_masquerade': internal || egress ? undefined : 'false',
    }),
    ipam: { config: [{ subnet: topology.subnetOf(name), gateway: `${prefix}.1` }] },
  });
};

const fromNames = (names, contentOf) =>
  Object.fromEntries([...new Set(names)].map((name) => [name, contentOf(name)]));

function modelOf(names, topology) {
  const highest = Math.max(...names.map((name) => topology.services[name].layer));
  const rows = names.map((name) => [name, topology.serviceWithLayers(name, highest)]);
  const hostsFor = createHosts(names, topology);
  return {
    services: Object.fromEntries(
      rows.map(([name, service]) => [
        name,
        withoutUndefined(composeService(name, service, { topology, hostsFor })),
      ]),
    ),
    networks: fromNames(
      rows.flatMap(([, { networks }]) => networks),
      (name) => networkOf(name, topology),
    ),
    volumes: fromNames(
      rows.flatMap(([, { volumes = {} }]) => Object.keys(volumes)),
      () => null,
    ),
    secrets: fromNames(
      rows.flatMap(([name, service]) => secretsOf(name, service)),
      (name) => ({ file: `\${LUCID_SECRETS:-./secrets}/${name}` }),
    ),
  };
}

/** Small things on one line: `{ condition: service_healthy }`. */
const FLOW = new Set(['depends_on', 'networks', 'healthcheck', 'config', 'secrets', 'cap_drop', 'dns']);

function layOut(document) {
  visit(document, {
    Pair(_, { key, value }, path) {
      if (!value || !FLOW.has(key?.value)) return;
      const inService = path.length > 4;
      if (!isMap(value) || key.value === 'healthcheck') value.flow = true;
      else if (inService || key.value === 'secrets')
        for (const item of value.items) if (isMap(item.value)) item.value.flow = true;
    },
  });
}

/** Text of the file that starts these services. */
export function composeFile({ names, holds, topology }) {
  const document = new Document(
    { 'x-common': COMMON, ...modelOf(names, topology) },
    { anchorPrefix: 'hosts-' },
  );
  document.commentBefore = [
    ` ${holds}`,
    ' Written by tools/generate-topology.mjs from libs/topology; edit that. Secrets and .env: node tools/make-secrets.mjs',
    ' What may be set, in .env beside this file: docs/topology.md.',
  ].join('\n');
  const common = document.get('x-common');
  common.get('user', true).type = 'QUOTE_SINGLE';
  document.get('services').items.forEach(({ key, value: service }, at) => {
    service.items.unshift(document.createPair('<<', document.createAlias(common, 'common')));
    key.spaceBefore = at > 0;
  });
  document.contents.items.forEach(({ key }, at) => {
    key.spaceBefore = at > 0;
  });
  layOut(document);
  return document.toString({ lineWidth: 0, singleQuote: true, nullStr: '', flowCollectionPadding: true });
}
