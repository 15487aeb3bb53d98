// What the load consists of. `at` makes a transaction another than all others of the run.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { keccak } from '../chain-rpc/sign.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Of our own libraries, what the load is made with. */
export async function loadOwn() {
  const outfile = join(root, 'dist/bench/chain-load/own.mjs');
  const contents = [
    "export { lucidAnchors } from '@lucid/chain-contracts';",
    "export { leafHash, rootOfLeaves } from '@lucid/merkle';",
  ].join('\n');
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return import(pathToFileURL(outfile).href);
}

const selector = (signature) => Buffer.from(keccak(Buffer.from(signature)).subarray(0, 4)).toString('hex');
const word = (value) => BigInt(value).toString(16).padStart(64, '0');
const REGISTER = selector('registerSession(bytes32,bytes32,uint64,address,bytes32,uint32)');
const REGISTER_MANY = selector('registerSessions(bytes32,uint32)');
const TRANSFER = selector('transfer(address,uint256)');

/** Sessions of one transaction, and the size of the record of one, as on-system-chain-client has them. */
const BATCH_SESSIONS = 4096;
export const SESSION_SIZE_BYTES = 192;

/**
 * `unitsEach`: what one transaction counts for. `within`: it is made while the clock runs, and what the load generator spends counts as
 * the node's: a batch is hashed by whoever anchors it.
 */
export const createKinds = ({ leafHash, rootOfLeaves }, accounts) => ({
  transfer: {
    what: 'plain transfers',
    gas: 21_000,
    unitsEach: 1,
    of: (at) => ({ to: accounts[at % accounts.length] }),
  },
  register: {
    what: 'registerSession',
    gas: 120_000,
    unitsEach: 1,
    of: (at, { anchors }) => ({
      to: anchors,
      data: `0x${REGISTER}${[at + 1, 2, 1_700_000_000, 3, 4, 5].map(word).join('')}`,
    }),
  },
  batch: {
    what: `sessions, ${BATCH_SESSIONS} a transaction`,
    gas: 120_000,
    unitsEach: BATCH_SESSIONS,
    within: true,
    of(at, { anchors }) {
      const hashes = Array.from({ length: BATCH_SESSIONS }, (_, index) => {
        const record = Buffer.alloc(SESSION_SIZE_BYTES);
        record.writeUInt32BE(at, 0);
        record.writeUInt32BE(index, 4);
        return leafHash(record);
      });
      const top = Buffer.from(rootOfLeaves(hashes)).toString('hex');
      return { to: anchors, data: `0x${REGISTER_MANY}${top}${word(BATCH_SESSIONS)}` };
    },
  },
  token: {
    what: 'ERC-20 transfers',
    gas: 120_000,
    unitsEach: 1,
    of: (at, { token }) => ({ to: token, data: `0x${TRANSFER}${word(0x1000 + (at % 500))}${word(1)}` }),
  },
});
