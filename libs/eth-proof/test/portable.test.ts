/** Bundled for a browser and run in a context that has no Node in it. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import vm from 'node:vm';
import { bytesToHex } from '@lucid/bytes';
import { gethBlocks } from './geth-vectors.ts';

const ESBUILD = join(dirname(require.resolve('esbuild/package.json')), 'bin/esbuild');
const ENTRY = `export * from '@lucid/eth-proof'; export { bytesToHex, hexToBytes } from '@lucid/bytes';`;

// Fails by itself where anything reachable imports a node: module.
const bundle = execFileSync(
  ESBUILD,
  [
    '--bundle',
    '--platform=browser',
    '--format=iife',
    '--global-name=eth',
    '--loader=ts',
    '--log-level=error',
  ],
  { cwd: __dirname, input: ENTRY, encoding: 'utf8' },
);

test('a receipt is proven, and its logs are read', () => {
  const [block] = gethBlocks;
  const { index, receipt } = block!.proofs[0]!;
  const input = { header: bytesToHex(block!.headerRlp), index, nodes: receipt.nodes.map(bytesToHex) };
  const script = `({ header, index, nodes }) => {
    const root = eth.decodeHeader(eth.hexToBytes(header)).receiptsRoot;
    const value = eth.verifyTrieProof({ root, key: eth.indexToTrieKey(index), nodes: nodes.map(eth.hexToBytes) });
    return [eth.bytesToHex(eth.blockHash(eth.hexToBytes(header))), eth.bytesToHex(value), eth.decodeReceipt(value).logs.length].join();
  }`;
  const context = { TextEncoder, TextDecoder, input: JSON.stringify(input) };
  const answer = vm.runInNewContext(`${bundle}\n;(${script})(JSON.parse(input))`, context);
  expect(answer).toBe([block!.hash.slice(2), receipt.value, 2].join());
});
