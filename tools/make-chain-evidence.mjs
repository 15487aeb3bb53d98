// Writes vectors/evidence/chain-single.lucid, chain-batch.lucid and chain.json: the session of tiny.lucid with an anchor on a chain in place
// of its own. @ethereumjs/vm makes the blocks, with the real contract in them. Run once; the files are committed, and tests hold the format to
// them. Run again only together with a new format version: node tools/make-chain-evidence.mjs
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'vectors/evidence');

/** Workspace packages and the tests' blocks are TypeScript; this bundles them for the moment, and nothing of others. */
async function loadWorkspace() {
  const outfile = join(root, 'vectors', `.workspace-${process.pid}.mjs`);
  const names = ['bytes', 'crypto', 'session-format', 'eth-proof'];
  const packages = names.map((name) => `export * from '@lucid/${name}';`);
  const contents = [...packages, "export * from './test/sample-chain.ts';"].join('\n');
  const foreign = {
    name: 'foreign',
    setup: ({ onResolve }) =>
      onResolve({ filter: /^[^.]/ }, ({ path, kind }) =>
        kind === 'entry-point' || path.startsWith('@lucid/') ? undefined : { path, external: true },
      ),
  };
  await build({
    stdin: { contents, resolveDir: join(root, 'libs/verifier'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
    plugins: [foreign],
  });
  try {
    return await import(pathToFileURL(outfile));
  } finally {
    rmSync(outfile);
  }
}

const l = await loadWorkspace();
const hex = l.bytesToHex;

const tiny = JSON.parse(readFileSync(join(folder, 'tiny.json'), 'utf8'));
const file = new Uint8Array(readFileSync(join(folder, 'tiny.lucid')));
const parsed = l.parseTrailer(file.subarray(tiny.recordsEnd), file.length);
if (!parsed.ok) throw new Error(parsed.detail);

const keyOf = ({ vkey, seed }) => ({ name: vkey.split('+')[0], secretKey: l.hexToBytes(seed), vkey });
const keys = { ledger: keyOf(tiny.ledger), witness: keyOf(tiny.witness) };

function write(name, anchor) {
  const sections = { ...parsed.value.sections, ANCH: l.encodeDocument('anchor', anchor) };
  const records = file.subarray(0, tiny.recordsEnd);
  const bytes = l.concatBytes(records, l.encodeTrailer(sections, records.length));
  writeFileSync(join(folder, name), bytes);
  const header = l.base64ToBytes(anchor.header);
  const { number, timestamp, transactionsRoot, receiptsRoot } = l.decodeHeader(header);
  const nodes = anchor.transactionProof.map(l.base64ToBytes);
  const key = l.indexToTrieKey(anchor.transactionIndex);
  const transaction = l.verifyTrieProof({ root: transactionsRoot, key, nodes });
  console.log(`vectors/evidence/${name}: ${bytes.length} bytes, SHA-256 ${hex(l.sha256(bytes))}`);
  return {
    file: name,
    fileSha256: hex(l.sha256(bytes)),
    anchor,
    block: {
      number: Number(number),
      hash: `0x${hex(l.blockHash(header))}`,
      timeSec: Number(timestamp),
      receiptsRoot: `0x${hex(receiptsRoot)}`,
      transactionHash: `0x${hex(l.keccak256(transaction))}`,
    },
  };
}

const registration = l.registrationOf(tiny.manifest);
const description = {
  what: 'The session of tiny.json, with an anchor on a chain (docs/evidence-format.md section 6.1) in place of its own.',
  registration,
  leaf: hex(l.sessionLeaf(registration)),
  single: write('chain-single.lucid', await l.singleAnchor(keys, tiny.manifest)),
  batch: write('chain-batch.lucid', await l.batchAnchor(keys, tiny.manifest)),
};
writeFileSync(join(folder, 'chain.json'), `${JSON.stringify(description, null, 2)}\n`);
