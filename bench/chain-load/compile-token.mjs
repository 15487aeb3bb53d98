// The token that load is put on, compiled with the packages that are installed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** Creation code of Token.sol, 0x and hex; the settings are those of our own contracts. */
export function compileToken(root) {
  const solc = require('solc');
  const input = {
    language: 'Solidity',
    sources: { 'Token.sol': { content: readFileSync(join(root, 'bench/chain-load/Token.sol'), 'utf8') } },
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { Token: ['evm.bytecode.object'] } },
    },
  };
  const find = (path) => ({ contents: readFileSync(join(root, 'node_modules', path), 'utf8') });
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: find }));
  const code = output.contracts?.['Token.sol']?.Token?.evm.bytecode.object;
  if (!code) throw new Error(output.errors?.map(({ formattedMessage }) => formattedMessage).join('\n'));
  return `0x${code}`;
}
