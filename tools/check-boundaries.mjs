// The walls of the house: node tools/check-boundaries.mjs [PACKAGE_FOLDER …] (default: every package).
// Each package carries a layer tag and a plane tag; an import from one package into another must be allowed by both.
// Imports into another package's files (past its index), drivers imported outside their adapter, and connections that are opened past
// Tor (tools/egress-rule.mjs) are refused.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { createEgressRule } from './egress-rule.mjs';

const LAYERS = {
  core: ['core'],
  contracts: ['core', 'contracts'],
  port: ['core', 'port'],
  adapter: ['core', 'port', 'adapter'],
  domain: ['core', 'contracts', 'port', 'domain', 'adapter'],
  kit: ['core', 'contracts', 'port', 'kit'],
  wiring: ['core', 'port', 'adapter', 'kit', 'wiring'],
  service: ['core', 'contracts', 'port', 'domain', 'adapter', 'kit', 'wiring'],
  host: ['core', 'contracts', 'port', 'domain', 'adapter', 'kit', 'wiring', 'service', 'tool'],
  tool: ['core', 'domain'],
};

/** Drivers and the only packages that may import them. */
const DRIVERS = {
  lmdb: ['store-lmdb'],
  mongodb: ['store-mongo'],
  ioredis: ['events-redis', 'rate-limit-redis'],
  'classic-level': ['kv-level'],
  '@aws-sdk/client-s3': ['store-s3'],
  '@lydell/node-pty': ['capture'],
  'age-encryption': ['recipients'],
  'zstd-napi': ['zstd'],
  '@bokuweb/zstd-wasm': ['zstd'],
  'tiny-secp256k1': ['tron-message', 'chain-application'],
  '@ethereumjs/vm': ['chain-application'],
  '@ethereumjs/evm': ['chain-application'],
  '@ethereumjs/statemanager': ['chain-application'],
  '@ethereumjs/mpt': ['chain-application'],
  viem: ['chain-client'],
  ws: ['on-system-chain'],
  '@bufbuild/protobuf': ['abci-server'],
  solc: ['contract-compiler', 'chain-contracts'],
  fastify: ['service-kit'],
  undici: ['service-kit', 'api-gateway', 'tor-egress'],
  '@opentelemetry/exporter-trace-otlp-http': ['service-kit'],
};

/** Core packages see no clock, no disk, no network and no framework. */
const CORE_BUILTINS = new Set(['node:crypto']);

const folders = (parent) =>
  existsSync(parent)
    ? readdirSync(parent)
        .map((name) => join(parent, name))
        .filter((path) => existsSync(join(path, 'package.json')))
    : [];

function readPackage(root) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const tag = (kind) =>
    manifest.nx?.tags?.find((each) => each.startsWith(`${kind}:`))?.slice(kind.length + 1);
  return {
    root,
    name: manifest.name,
    short: root.split('/').pop(),
    exports: Object.keys(manifest.exports ?? {}),
    layer: tag('layer'),
    plane: tag('plane'),
  };
}

const packages = new Map(
  [...folders('apps'), ...folders('libs')].map(readPackage).map((each) => [each.name, each]),
);

function* sources(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name === 'node_modules' || name === 'dist') continue;
    if (statSync(path).isDirectory()) yield* sources(path);
    else if (/\.(ts|tsx|mts)$/.test(name)) yield path;
  }
}

const isTest = (path) => /\.test\.ts$|\/test\/|\.bench\.ts$/.test(path);

function judgeWorkspaceImport(from, specifier, test) {
  const [, scope, rest] = specifier.match(/^(@lucid\/[^/]+)(\/.*)?$/);
  const to = packages.get(scope);
  if (!to) return `imports ${scope}, which is not a package of this workspace`;
  if (rest && !to.exports.includes(`.${rest}`))
    return `reaches into ${specifier}; import what its package.json exports`;
  if (to === from || test) return null;
  if (!LAYERS[from.layer]?.includes(to.layer))
    return `layer ${from.layer} must not import layer ${to.layer} (${scope})`;
  if (from.layer === 'service' && to.layer === 'service')
    return `a service must not import a service (${scope}); use its client`;
  const wall = from.plane !== 'any' && to.plane !== 'any' && from.plane !== to.plane;
  return wall ? `plane ${from.plane} must not import plane ${to.plane} (${scope})` : null;
}

function judge(from, file, specifier) {
  const test = isTest(file);
  if (specifier.startsWith('@lucid/')) return judgeWorkspaceImport(from, specifier, test);
  if (specifier.startsWith('.')) {
    if (!/\.(ts|json|mjs|cjs)$/.test(specifier)) return `relative import ${specifier} must end in .ts`;
    return relative(from.root, join(file, '..', specifier)).startsWith('..') && !test
      ? `relative import ${specifier} leaves the package`
      : null;
  }
  if (test) return null;
  if (from.layer === 'core' && specifier.startsWith('node:') && !CORE_BUILTINS.has(specifier))
    return `core must not import ${specifier}`;
  const driver = Object.keys(DRIVERS).find((name) => specifier === name || specifier.startsWith(`${name}/`));
  return driver && !DRIVERS[driver].includes(from.short)
    ? `only ${DRIVERS[driver].join(', ')} may import ${driver}`
    : null;
}

const asked = process.argv.slice(2).map((path) => path.replace(/\/$/, ''));
const faults = [];
const egress = createEgressRule();
for (const from of packages.values()) {
  if (asked.length > 0 && !asked.includes(from.root)) continue;
  if (!LAYERS[from.layer] || !from.plane)
    faults.push(`${from.root}/package.json: needs a layer: and a plane: tag under nx.tags`);
  for (const file of sources(from.root)) {
    const text = readFileSync(file, 'utf8');
    for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
      const fault = judge(from, file, fileName);
      if (fault) faults.push(`${file}: ${fault}`);
    }
    if (!isTest(file))
      for (const fault of egress.judge(from.short, file, text)) faults.push(`${file}: ${fault}`);
  }
}
if (asked.length === 0)
  for (const each of egress.idle([...packages.values()].map(({ short }) => short)))
    faults.push(`tools/egress-rule.mjs: the exemption of ${each} is not needed; strike it out`);
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`boundaries hold in ${asked.length > 0 ? asked.join(', ') : `${packages.size} packages`}`);
