// node tools/compile-contracts.mjs [--check]: compiles libs/chain-contracts/contracts and writes libs/chain-contracts/src/generated,
// or says which file is not what the sources give. Offline: solc is a package, imports are read from node_modules/@openzeppelin.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import solc from 'solc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const from = join(root, 'libs/chain-contracts/contracts');
const to = join(root, 'libs/chain-contracts/src/generated');

/** Contracts that are deployed; other sources are parts of them. */
const DEPLOYED = [
  'LucidAnchors',
  'LucidChunkStore',
  'LucidGovernor',
  'LucidNodes',
  'LucidTimelock',
  'ParamRegistry',
];

/** No hash of the metadata in the code: it depends on what is executed alone, not on comments and paths. */
const SETTINGS = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: {
    '*': { '*': ['abi', 'metadata', 'evm.bytecode.object', 'evm.deployedBytecode', 'evm.methodIdentifiers'] },
  },
};

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const keccak = (text) => bytesToHex(keccak_256(utf8ToBytes(text)));
const kebab = (name) => name.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase();
const camel = (name) => name[0].toLowerCase() + name.slice(1);

/** Every source that was read, by the path that the compiler knows. */
const texts = new Map();

function compile() {
  for (const name of readdirSync(from)
    .filter((each) => each.endsWith('.sol'))
    .sort())
    texts.set(`contracts/${name}`, readFileSync(join(from, name), 'utf8'));
  const sources = Object.fromEntries([...texts].map(([path, content]) => [path, { content }]));
  const resolve = (path) => {
    if (!path.startsWith('@openzeppelin/contracts/')) return { error: `${path} is not at hand` };
    texts.set(path, readFileSync(join(root, 'node_modules', path), 'utf8'));
    return { contents: texts.get(path) };
  };
  const output = JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources, settings: SETTINGS }), { import: resolve }),
  );
  // A warning about our own sources is a fault too; others' warnings are theirs.
  const faults = (output.errors ?? []).filter(
    ({ severity, sourceLocation }) => severity === 'error' || !sourceLocation?.file.startsWith('@'),
  );
  if (faults.length > 0) {
    for (const each of faults) console.error(each.formattedMessage);
    process.exit(1);
  }
  return output.contracts;
}

/** A type as it stands in a signature: tuples by their components. */
const typeOf = ({ type, components = [] }) =>
  type.startsWith('tuple') ? `(${components.map(typeOf).join(',')})${type.slice(5)}` : type;
const signatureOf = ({ name, inputs }) => `${name}(${inputs.map(typeOf).join(',')})`;

/** The SHA-256 of all sources that a contract is made of: of lines `SHA-256 path`, sorted by path. */
const sourceHashOf = (metadata) =>
  sha256(
    Object.keys(JSON.parse(metadata).sources)
      .sort()
      .map((path) => `${sha256(texts.get(path))} ${path}\n`)
      .join(''),
  );

const named = (abi, kind, hashOf) =>
  Object.fromEntries(
    abi.filter(({ type }) => type === kind).map((each) => [each.name, `0x${hashOf(signatureOf(each))}`]),
  );

function moduleOf(name, { abi, metadata, evm }) {
  const references = Object.values(evm.deployedBytecode.immutableReferences ?? {}).flat();
  const artifact = {
    contractName: name,
    sourceName: `contracts/${name}.sol`,
    compiler: solc.version(),
    sourceHash: sourceHashOf(metadata),
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
    immutableReferences: references.sort((a, b) => a.start - b.start),
    selectors: Object.fromEntries(
      Object.entries(evm.methodIdentifiers).map(([signature, hash]) => [signature, `0x${hash}`]),
    ),
    topics: named(abi, 'event', keccak),
    errors: named(abi, 'error', (signature) => keccak(signature).slice(0, 8)),
  };
  // The code as `Hex`, not as a literal type of many kilobytes.
  const text = JSON.stringify(artifact, null, 2).replace(
    /"((?:b|deployedB)ytecode)": ("0x[0-9a-f]*")/g,
    '"$1": $2 as Hex',
  );
  return format(
    `${kebab(name)}.ts`,
    `// Written by tools/compile-contracts.mjs from contracts/${name}.sol.\nimport type { Hex } from '../artifact.ts';\n\nexport const ${camel(name)} = ${text} as const;\n`,
  );
}

const indexModule = () =>
  format(
    'index.ts',
    `// Written by tools/compile-contracts.mjs.\n${DEPLOYED.map((each) => `export { ${camel(each)} } from './${kebab(each)}.ts';\n`).join('')}`,
  );

function format(fileName, text) {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'format', `--stdin-file-path=libs/chain-contracts/src/generated/${fileName}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    input: text,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`biome did not format ${fileName}: ${stderr}`);
  return stdout;
}

function generate() {
  const contracts = compile();
  const files = new Map([['index.ts', indexModule()]]);
  for (const name of DEPLOYED)
    files.set(`${kebab(name)}.ts`, moduleOf(name, contracts[`contracts/${name}.sol`][name]));
  return files;
}

const files = generate();
const present = existsSync(to) ? readdirSync(to) : [];
const unknown = present.filter((each) => !files.has(each));
const stale = [...files].filter(([name, text]) => {
  const path = join(to, name);
  return !existsSync(path) || readFileSync(path, 'utf8') !== text;
});
if (process.argv.includes('--check')) {
  const faults = [...unknown, ...stale.map(([name]) => name)];
  if (faults.length > 0) {
    console.error(`not what the sources give: ${faults.join(', ')}\nrun: node tools/compile-contracts.mjs`);
    process.exit(1);
  }
  console.log(`${files.size} files are what the sources give`);
} else {
  mkdirSync(to, { recursive: true });
  for (const name of unknown) rmSync(join(to, name));
  for (const [name, text] of stale) writeFileSync(join(to, name), text);
  console.log(`${stale.length} of ${files.size} files written`);
}
