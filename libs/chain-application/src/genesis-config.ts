/** The `config` of a genesis.json: which fork begins where, and the blob schedule (EIP-7840). */
import {
  genesisFault,
  type JsonObject,
  readBoolean,
  readBytes,
  readObject,
  readSafeInteger,
  refuseOthers,
} from './genesis-reader.ts';
import { bytesToHex, type Hex } from './values.ts';

const blockForks = [
  'homesteadBlock',
  'daoForkBlock',
  'eip150Block',
  'eip155Block',
  'eip158Block',
  'byzantiumBlock',
  'constantinopleBlock',
  'petersburgBlock',
  'istanbulBlock',
  'muirGlacierBlock',
  'berlinBlock',
  'londonBlock',
  'arrowGlacierBlock',
  'grayGlacierBlock',
  'mergeNetsplitBlock',
] as const;

const timeForks = [
  'shanghaiTime',
  'cancunTime',
  'pragueTime',
  'osakaTime',
  'bpo1Time',
  'bpo2Time',
  'bpo3Time',
  'bpo4Time',
  'bpo5Time',
] as const;

/** Members that change nothing here: `ethash` says who seals, the others are notes of geth. */
const withoutEffect = [
  'ethash',
  'eip150Hash',
  'terminalTotalDifficultyPassed',
  'isDev',
  'enableVerkleAtGenesis',
];
const known = new Set<string>([
  'chainId',
  'daoForkSupport',
  'terminalTotalDifficulty',
  'depositContractAddress',
  'blobSchedule',
  'clique',
  ...blockForks,
  ...timeForks,
  ...withoutEffect,
]);

export interface BlobScheduleEntry {
  readonly target: number;
  readonly max: number;
  readonly baseFeeUpdateFraction: number;
}

export interface GenesisConfig {
  readonly chainId: number;
  /** By name of geth's member: heights and times of the forks that are planned. */
  readonly forks: Readonly<Record<string, number>>;
  readonly blobSchedule: Readonly<Record<string, BlobScheduleEntry>>;
  readonly depositContractAddress: Hex | undefined;
  /** Whether the chain begins after the merge, or goes over to it at a height that is known. */
  readonly merges: boolean;
}

function readSchedule(value: unknown): Record<string, BlobScheduleEntry> {
  const path = 'config.blobSchedule';
  const entries = Object.entries(readObject(value, path)).filter(([, entry]) => entry !== null);
  return Object.fromEntries(
    entries.map(([fork, entry]) => {
      const where = `${path}.${fork}`;
      if (!/^(cancun|prague|osaka|bpo[1-5])$/.test(fork)) throw genesisFault(where, 'this fork is not known');
      const fields = readObject(entry, where);
      refuseOthers(fields, new Set(['target', 'max', 'baseFeeUpdateFraction']), where);
      const number = (name: string): number => readSafeInteger(fields[name], `${where}.${name}`);
      return [
        fork,
        {
          target: number('target'),
          max: number('max'),
          baseFeeUpdateFraction: number('baseFeeUpdateFraction'),
        },
      ];
    }),
  );
}

function readForks(config: JsonObject): Record<string, number> {
  const forks: Record<string, number> = {};
  for (const name of [...blockForks, ...timeForks]) {
    const value = config[name];
    if (value !== undefined && value !== null) forks[name] = readSafeInteger(value, `config.${name}`);
  }
  return forks;
}

/** A fork must not come before the one it builds on; geth refuses such chains, too. */
function assertOrder(forks: Readonly<Record<string, number>>, names: readonly string[]): void {
  let last: string | undefined;
  let skipped: string | undefined;
  for (const name of names) {
    const at = forks[name];
    // Chains without this fork, or where it is done by later ones.
    const optional = /dao|Glacier|Netsplit|bpo|petersburg/.test(name);
    if (at === undefined) {
      if (!optional) skipped ??= name;
      continue;
    }
    if (skipped !== undefined)
      throw genesisFault(`config.${name}`, `is set, but config.${skipped} before it is not`);
    if (last !== undefined && at < forks[last]!)
      throw genesisFault(`config.${name}`, `comes before config.${last}`);
    last = name;
  }
}

function assertMerge(config: JsonObject, forks: Record<string, number>, genesisDifficulty: bigint): boolean {
  const planned = timeForks.some((name) => forks[name] !== undefined);
  if (forks.mergeNetsplitBlock !== undefined) return true;
  const total = config.terminalTotalDifficulty;
  if (total === undefined || total === null) return planned;
  const path = 'config.terminalTotalDifficulty';
  const reached =
    typeof total === 'number' && !Number.isSafeInteger(total) ? null : BigInt(total as string | number);
  if (reached !== null && reached <= genesisDifficulty) return true;
  if (planned)
    throw genesisFault(
      path,
      'is not reached at genesis: config.mergeNetsplitBlock must name the height of the merge',
    );
  return false;
}

export function readGenesisConfig(value: unknown, genesisDifficulty: bigint): GenesisConfig {
  const config = readObject(value, 'config');
  refuseOthers(config, known, 'config');
  if (config.clique !== undefined && config.clique !== null)
    throw genesisFault('config.clique', 'chains that are sealed by clique are not supported');
  if (config.daoForkSupport !== undefined && !readBoolean(config.daoForkSupport, 'config.daoForkSupport')) {
    if (config.daoForkBlock !== undefined && config.daoForkBlock !== null)
      throw genesisFault('config.daoForkSupport', 'a chain that opposes the DAO fork is not supported');
  }
  const forks = readForks(config);
  if (forks.eip155Block !== forks.eip158Block)
    throw genesisFault('config.eip155Block', 'must be equal to config.eip158Block');
  assertOrder(forks, blockForks);
  assertOrder(forks, timeForks);
  const deposit = config.depositContractAddress;
  return {
    chainId: readSafeInteger(config.chainId, 'config.chainId'),
    forks,
    blobSchedule: config.blobSchedule == null ? {} : readSchedule(config.blobSchedule),
    depositContractAddress:
      deposit == null ? undefined : bytesToHex(readBytes(deposit, 'config.depositContractAddress', 20)),
    merges: assertMerge(config, forks, genesisDifficulty),
  };
}
