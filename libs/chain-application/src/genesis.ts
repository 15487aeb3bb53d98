/**
 * The first block of a chain from a geth-style `genesis.json`. The state root and the block's hash are those that geth computes.
 */
import type { HeaderData } from '@ethereumjs/block';
import type { GethGenesis } from '@ethereumjs/common';
import { ChainError } from './error.ts';
import { type GenesisConfig, readGenesisConfig } from './genesis-config.ts';
import {
  genesisFault,
  type JsonObject,
  readAddressKey,
  readBytes,
  readNumber,
  readObject,
  readSafeInteger,
  readWord,
  refuseOthers,
} from './genesis-reader.ts';
import { bytesToHex, bytesToKey, type Hex } from './values.ts';

export interface GenesisAccount {
  readonly address: Uint8Array;
  readonly balance: bigint;
  readonly nonce: bigint;
  readonly code: Uint8Array;
  /** Slot and value, 32 bytes each. */
  readonly storage: readonly (readonly [Uint8Array, Uint8Array])[];
}

export interface Genesis {
  readonly config: GenesisConfig;
  readonly accounts: readonly GenesisAccount[];
  readonly header: HeaderData & { readonly timestamp: bigint; readonly gasLimit: bigint };
  /** The configuration in the form that ethereumjs reads. */
  readonly gethConfig: GethGenesis;
}

const members = new Set([
  'config',
  'nonce',
  'timestamp',
  'extraData',
  'gasLimit',
  'difficulty',
  'mixHash',
  'coinbase',
  'alloc',
  'number',
  'gasUsed',
  'parentHash',
  'baseFeePerGas',
  'excessBlobGas',
  'blobGasUsed',
]);
const accountMembers = new Set(['balance', 'nonce', 'code', 'storage', 'secretKey']);

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

function readAccount(name: string, value: unknown): GenesisAccount {
  const path = `alloc.${name}`;
  const fields = readObject(value, path);
  refuseOthers(fields, accountMembers, path);
  if (fields.secretKey !== undefined)
    throw genesisFault(`${path}.secretKey`, 'a genesis file must not hold a secret key');
  if (isAbsent(fields.balance)) throw genesisFault(`${path}.balance`, 'is missing');
  const storage = isAbsent(fields.storage) ? {} : readObject(fields.storage, `${path}.storage`);
  return {
    address: readAddressKey(name, path),
    balance: readNumber(fields.balance, `${path}.balance`, 256),
    nonce: isAbsent(fields.nonce) ? 0n : readNumber(fields.nonce, `${path}.nonce`, 64),
    code: isAbsent(fields.code) ? new Uint8Array(0) : readBytes(fields.code, `${path}.code`),
    storage: Object.entries(storage).map(([slot, word]) => [
      readWord(slot, `${path}.storage.${slot}`),
      readWord(word, `${path}.storage.${slot}`),
    ]),
  };
}

function readAccounts(value: unknown): GenesisAccount[] {
  const accounts = Object.entries(readObject(value, 'alloc')).map(([name, account]) =>
    readAccount(name, account),
  );
  const seen = new Set<string>();
  for (const { address } of accounts) {
    const key = bytesToKey(address);
    if (seen.has(key)) throw genesisFault(`alloc.${bytesToHex(address)}`, 'is there twice');
    seen.add(key);
  }
  return accounts;
}

/** Members that must be as they are in every block 0. */
function assertBlockZero(genesis: JsonObject): void {
  for (const name of ['number', 'gasUsed', 'blobGasUsed']) {
    const value = genesis[name];
    if (!isAbsent(value) && readNumber(value, name, 64) !== 0n) throw genesisFault(name, 'must be 0');
  }
  const parent = genesis.parentHash;
  if (!isAbsent(parent) && readBytes(parent, 'parentHash', 32).some((byte) => byte !== 0))
    throw genesisFault('parentHash', 'must be zero');
}

function readHeader(genesis: JsonObject): Genesis['header'] {
  const optional = <T>(name: string, read: (value: unknown, path: string) => T): T | undefined =>
    isAbsent(genesis[name]) ? undefined : read(genesis[name], name);
  const uint64 = (value: unknown, path: string): bigint => readNumber(value, path, 64);
  for (const name of ['gasLimit', 'difficulty'])
    if (isAbsent(genesis[name])) throw genesisFault(name, 'is missing');
  const nonce = Buffer.alloc(8);
  nonce.writeBigUInt64BE(optional('nonce', uint64) ?? 0n);
  return {
    number: 0n,
    timestamp: BigInt(optional('timestamp', readSafeInteger) ?? 0),
    gasLimit: uint64(genesis.gasLimit, 'gasLimit'),
    difficulty: readNumber(genesis.difficulty, 'difficulty', 256),
    nonce: Uint8Array.from(nonce),
    extraData: optional('extraData', readBytes) ?? new Uint8Array(0),
    mixHash: optional('mixHash', (value, path) => readBytes(value, path, 32)) ?? new Uint8Array(32),
    coinbase: optional('coinbase', (value, path) => readBytes(value, path, 20)) ?? new Uint8Array(20),
    ...(isAbsent(genesis.baseFeePerGas)
      ? {}
      : { baseFeePerGas: readNumber(genesis.baseFeePerGas, 'baseFeePerGas', 256) }),
    ...(isAbsent(genesis.excessBlobGas)
      ? {}
      : { excessBlobGas: uint64(genesis.excessBlobGas, 'excessBlobGas') }),
  };
}

function toGethConfig(config: GenesisConfig, header: Genesis['header']): GethGenesis {
  const { mergeNetsplitBlock, ...forks } = config.forks;
  const merge = mergeNetsplitBlock ?? (config.merges ? 0 : undefined);
  const { depositContractAddress, blobSchedule } = config;
  return {
    config: {
      chainId: config.chainId,
      ...forks,
      ...(merge === undefined ? {} : { mergeForkBlock: merge, mergeNetsplitBlock: merge }),
      ...(depositContractAddress === undefined ? {} : { depositContractAddress }),
      ...(Object.keys(blobSchedule).length === 0 ? {} : { blobSchedule: { ...blobSchedule } }),
    },
    nonce: '0x0',
    timestamp: `0x${header.timestamp.toString(16)}`,
    gasLimit: `0x${header.gasLimit.toString(16)}`,
    difficulty: '0x0',
    alloc: {},
  };
}

/**
 * Judges a genesis file (parsed JSON, or its text). Throws `genesis_invalid`, whose detail names the path of the faulty member. Members
 * that are not known are refused: one of them could be a fork that this software does not have.
 */
export function parseGenesis(source: unknown): Genesis {
  let value = source;
  if (typeof source === 'string') {
    try {
      value = JSON.parse(source);
    } catch (cause) {
      throw new ChainError('genesis_invalid', 'it is not JSON', { cause });
    }
  }
  const genesis = readObject(value, 'genesis');
  refuseOthers(genesis, members, '');
  for (const name of ['config', 'alloc']) if (isAbsent(genesis[name])) throw genesisFault(name, 'is missing');
  assertBlockZero(genesis);
  const header = readHeader(genesis);
  const config = readGenesisConfig(genesis.config, header.difficulty as bigint);
  return {
    config,
    header,
    accounts: readAccounts(genesis.alloc),
    gethConfig: toGethConfig(config, header),
  };
}

/** An account of `lucidGenesis`: wei, and code for what is deployed from the beginning. */
export interface LucidAllocation {
  readonly balance?: bigint | Hex;
  readonly nonce?: bigint | Hex;
  readonly code?: Hex;
  readonly storage?: Readonly<Record<Hex, Hex>>;
}

export interface LucidGenesisOptions {
  readonly alloc: Readonly<Record<Hex, LucidAllocation>>;
  readonly timestampSec: number;
  /** Default 60,000,000. */
  readonly gasLimit?: bigint;
  /** Of block 0, default 1 gwei. */
  readonly baseFeePerGas?: bigint;
}

export const lucidChainId = 1337;

/** The genesis.json of our own network: every fork up to Cancun from the beginning, chain id 1337. */
export function lucidGenesis(options: LucidGenesisOptions): JsonObject {
  const hex = (value: bigint | Hex): Hex => `0x${BigInt(value).toString(16)}`;
  const blocks = Object.fromEntries(
    [
      'homestead',
      'eip150',
      'eip155',
      'eip158',
      'byzantium',
      'constantinople',
      'petersburg',
      'istanbul',
      'berlin',
      'london',
    ].map((fork) => [`${fork}Block`, 0]),
  );
  return {
    config: {
      chainId: lucidChainId,
      ...blocks,
      mergeNetsplitBlock: 0,
      terminalTotalDifficulty: 0,
      shanghaiTime: 0,
      cancunTime: 0,
      blobSchedule: { cancun: { target: 3, max: 6, baseFeeUpdateFraction: 3_338_477 } },
    },
    timestamp: hex(BigInt(options.timestampSec)),
    gasLimit: hex(options.gasLimit ?? 60_000_000n),
    baseFeePerGas: hex(options.baseFeePerGas ?? 1_000_000_000n),
    difficulty: '0x0',
    extraData: bytesToHex(new TextEncoder().encode('lucid')),
    alloc: Object.fromEntries(
      Object.entries(options.alloc).map(([address, account]) => [
        address,
        {
          balance: hex(account.balance ?? 0n),
          ...(account.nonce === undefined ? {} : { nonce: hex(account.nonce) }),
          ...(account.code === undefined ? {} : { code: account.code }),
          ...(account.storage === undefined ? {} : { storage: account.storage }),
        },
      ]),
    ),
  };
}
