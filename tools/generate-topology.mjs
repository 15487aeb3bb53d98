// node tools/generate-topology.mjs [--check] [--into FOLDER]: writes what libs/topology gives: compose files, rules of the firewall, the
// tables of docs/topology.md; or names the files that are something else. FOLDER: another repository than this.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { composeFile } from './topology/compose-file.mjs';
import { docsFile } from './topology/docs.mjs';
import { firewallFile } from './topology/firewall.mjs';
import { loadTopology } from './topology/load.mjs';

const { values: options } = parseArgs({ options: { check: { type: 'boolean' }, into: { type: 'string' } } });
const root = options.into ?? join(dirname(fileURLToPath(import.meta.url)), '..');

const textAt = (path) => {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return '';
  }
};

/** Text by path. */
function filesOf(topology) {
  const names = topology.serviceNames;
  const layerOf = (name) => topology.services[name].layer;
  const isForUse = (name) => topology.services[name].profile !== 'dev';
  const layers = [...new Set(names.filter(isForUse).map(layerOf))].sort();
  const upTo = (layer) => names.filter((name) => isForUse(name) && layerOf(name) <= layer);
  const holdsOf = (layer) => (layer === 0 ? 'Layer 0.' : `Layers 0 to ${layer}.`);
  return {
    ...Object.fromEntries(
      layers.map((layer) => [
        `compose/layer${layer}.yaml`,
        composeFile({ names: upTo(layer), holds: holdsOf(layer), topology }),
      ]),
    ),
    'compose/lucid.yaml': composeFile({ names, holds: 'Everything there is.', topology }),
    'ops/firewall/lucid.nft': firewallFile(topology),
    'docs/topology.md': docsFile(textAt('docs/topology.md'), topology),
  };
}

const files = Object.entries(filesOf(await loadTopology()));
if (options.check) {
  const other = files.flatMap(([path, text]) => (textAt(path) === text ? [] : [path]));
  if (other.length > 0) {
    console.error(`not what libs/topology gives: ${other.join(', ')}; run: node tools/generate-topology.mjs`);
    process.exit(1);
  }
  console.log(`${files.length} files are what libs/topology gives`);
} else {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (textAt(path) === text) continue;
    writeFileSync(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}
