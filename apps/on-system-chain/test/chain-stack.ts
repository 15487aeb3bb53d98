/** The chain as it is: vm, ledger and node over folders that outlive them, and a genesis that pays its own test accounts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { formatSignerKey } from '@lucid/checkpoint';
import { onSystemChainContract } from '@lucid/contracts';
import { ed25519GenerateKey } from '@lucid/crypto';
import { type AnyServiceDefinition, type Clock, createServiceKeys } from '@lucid/service-kit';
import { eventually, startTestStack } from '@lucid/service-kit/testing';
import { privateKeyToAccount } from 'viem/accounts';
import { onSystemChain } from '../src/index.ts';

export const secretOf = (index: number): `0x${string}` => `0x${(index + 1).toString(16).padStart(64, '0')}`;
export const accountOf = (index: number) => privateKeyToAccount(secretOf(index));
export const chainId = 1337;
export const gwei = 1_000_000_000n;

/** Cancun from its first block. */
export const testGenesis = (accounts = 10) => ({
  config: {
    chainId,
    ...Object.fromEntries(
      [
        'homestead',
        'eip150',
        'eip155',
        'eip158',
        'byzantium',
        'constantinople',
        'petersburg',
        'istanbul',
        'muirGlacier',
        'berlin',
        'london',
        'arrowGlacier',
        'grayGlacier',
        'mergeNetsplit',
      ].map((fork) => [`${fork}Block`, 0]),
    ),
    shanghaiTime: 0,
    cancunTime: 0,
    terminalTotalDifficulty: 0,
    blobSchedule: { cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 } },
  },
  nonce: '0x0',
  timestamp: '0x65920080',
  extraData: '0x',
  gasLimit: '0x3938700',
  difficulty: '0x0',
  baseFeePerGas: '0x3b9aca00',
  alloc: Object.fromEntries(
    Array.from({ length: accounts }, (_, index) => [
      accountOf(index).address,
      { balance: `0x${(10n ** 24n).toString(16)}` },
    ]),
  ),
});

const ledgerKey = formatSignerKey({
  name: 'lucid.invalid/ledger',
  secretKey: ed25519GenerateKey().secretKey,
});
const keys = createServiceKeys(['blockchain-ledger', 'blockchain-vm', 'on-system-chain', 'operator']);

export interface ChainStackOptions {
  readonly folder?: string;
  readonly genesis?: unknown;
  readonly environment?: Record<string, string>;
  readonly definitions?: readonly AnyServiceDefinition[];
  readonly clock?: Clock;
  /** False: does not wait until the chain is there. */
  readonly waits?: boolean;
  readonly adapters?: Record<string, Record<string, unknown>>;
}

export const environmentOf = (folder: string): Record<string, string> => ({
  LEDGER_DATA_DIR: join(folder, 'ledger'),
  LEDGER_SIGNING_KEY: ledgerKey,
  VM_DATA_DIR: join(folder, 'vm'),
  VM_GENESIS_FILE: join(folder, 'genesis.json'),
  CHAIN_DATA_DIR: join(folder, 'chain'),
});

export async function startChain(options: ChainStackOptions = {}) {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'lucid-chain-')));
  await writeFile(join(folder, 'genesis.json'), JSON.stringify(options.genesis ?? testGenesis()));
  const stack = await startTestStack({
    transport: 'tcp',
    definitions: options.definitions ?? [blockchainLedger, blockchainVm, onSystemChain],
    environment: { ...environmentOf(folder), ...options.environment },
    keys,
    ...(options.clock ? { clock: options.clock } : {}),
    ...(options.adapters ? { adapters: options.adapters } : {}),
  });
  const url = stack.targetOf('on-system-chain')?.origin ?? '';
  if (options.waits !== false) await eventually(async () => (await fetch(`${url}/ready`)).ok);
  return {
    stack,
    folder,
    url,
    chain: stack.clientOf(onSystemChainContract),
    rpc: rpcOf(url),
    async close(keep = false) {
      await stack.close();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface RpcAnswer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string };
}

/** One call over HTTP; gives the whole answer. */
export const rpcOf =
  (url: string) =>
  async (method: string, ...params: unknown[]): Promise<RpcAnswer> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    return (await response.json()) as RpcAnswer;
  };

export { eventually };
