/** Compiles a test's Solidity with the compiler from npm: nothing is downloaded. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import type { Abi, Hex } from 'viem';

export interface Compiled {
  readonly abi: Abi;
  /** Init code, before the constructor's arguments. */
  readonly bytecode: Hex;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Record<
    string,
    Record<string, { readonly abi: Abi; readonly evm: { readonly bytecode: { readonly object: string } } }>
  >;
}

/** The contracts of one file, by name. Throws what the compiler says is wrong. */
export function compileSolidity(path: string): Readonly<Record<string, Compiled>> {
  const solc = createRequire(__filename)('solc') as { compile(input: string): string };
  const name = basename(path);
  const input = {
    language: 'Solidity',
    sources: { [name]: { content: readFileSync(path, 'utf8') } },
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  };
  const { errors = [], contracts } = JSON.parse(solc.compile(JSON.stringify(input))) as Output;
  const faults = errors.filter(({ severity }) => severity === 'error');
  if (faults.length > 0) throw new Error(faults.map((each) => each.formattedMessage).join('\n'));
  return Object.fromEntries(
    Object.entries(contracts[name] ?? {}).map(([contract, { abi, evm }]) => [
      contract,
      { abi, bytecode: `0x${evm.bytecode.object}` as const },
    ]),
  );
}
