// Tables of docs/topology.md.
import { settings } from './settings.mjs';

const row = (cells) => `| ${cells.join(' | ')} |`;
const table = (heads, rows) => [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('\n');

const waysOf = ({ internal, egress }) => {
  if (internal) return 'none';
  return egress ? 'out' : 'in, by published ports';
};

const networkRows = ({ networks, subnetOf }) =>
  Object.entries(networks).map(([key, network]) => [
    key,
    `\`${network.name}\``,
    subnetOf(key),
    `\`${network.bridge}\``,
    waysOf(network),
    network.holds,
  ]);

const portsOf = ({ containerPort, otherPorts = {} }) =>
  [containerPort, ...Object.entries(otherPorts).map(([what, port]) => `${port} ${what}`)].join(', ');

const placeCells = (name, service) => [
  `.${service.octet}`,
  name,
  service.networks.join(', '),
  portsOf(service),
  String(service.hostPort),
  String(service.layer),
  service.plane,
  service.profile ?? '',
];

const byOctet = (rows) => rows.sort(([, left], [, right]) => left.octet - right.octet);

const PLACE = [
  'Octet',
  'Service',
  'Networks',
  'Port',
  'Port without containers',
  'Layer',
  'Plane',
  'Profile',
];

const builtRows = ({ services }) =>
  byOctet(Object.entries(services)).map(([name, service]) => [
    ...placeCells(name, service),
    Object.entries(service.volumes ?? {})
      .map(([volume, path]) => `${volume} \`${path}\``)
      .join(', '),
    `${service.limits.memoryMb} MB, ${service.limits.cpus} cpu, ${service.limits.pids} pids`,
  ]);

const plannedRows = ({ plannedServices }) =>
  byOctet(Object.entries(plannedServices)).map(([name, service]) => placeCells(name, service));

/** Text by the name of its mark in the file. */
const sectionsOf = (topology) => ({
  networks: table(['Network', 'In Docker', 'Subnet', 'Bridge', 'Ways', 'Holds'], networkRows(topology)),
  services: table([...PLACE, 'Volumes', 'Limits'], builtRows(topology)),
  planned: table(PLACE, plannedRows(topology)),
  settings: table(
    ['Setting', 'Default', 'What'],
    settings(topology).map(({ name, preset, what }) => [`\`${name}\``, preset ? `\`${preset}\`` : '', what]),
  ),
});

const mark = (name) => new RegExp(`(<!-- ${name} -->\n)[^]*?(\n<!-- end -->)`);

/** The file with its tables written anew. @throws Error where a mark is missing */
export function docsFile(text, topology) {
  return Object.entries(sectionsOf(topology)).reduce((before, [name, section]) => {
    if (!mark(name).test(before)) throw new Error(`docs/topology.md has no mark <!-- ${name} -->`);
    return before.replace(mark(name), (_, begin, end) => `${begin}\n${section}\n${end}`);
  }, text);
}
