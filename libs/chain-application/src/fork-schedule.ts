/** What a node tells of its forks (EIP-7910): the present one, the next and the last one that is planned, each with its checksum (EIP-2124). */
import { crc32 } from 'node:zlib';
import type { ForkConfig, ForkSchedule } from './application.ts';
import type { ChainConfig } from './chain-config.ts';
import type { Genesis } from './genesis.ts';
import type { BlobScheduleEntry } from './genesis-config.ts';
import { bytesToHex, type Hex, hexToBytes } from './values.ts';

const forksByTime = [
  'shanghai',
  'cancun',
  'prague',
  'osaka',
  'bpo1',
  'bpo2',
  'bpo3',
  'bpo4',
  'bpo5',
] as const;

/** By address, in hex without 0x and leading zeros. */
const precompileNames: Readonly<Record<string, string>> = {
  '1': 'ECREC',
  '2': 'SHA256',
  '3': 'RIPEMD160',
  '4': 'ID',
  '5': 'MODEXP',
  '6': 'BN254_ADD',
  '7': 'BN254_MUL',
  '8': 'BN254_PAIRING',
  '9': 'BLAKE2F',
  a: 'KZG_POINT_EVALUATION',
  b: 'BLS12_G1ADD',
  c: 'BLS12_G1MSM',
  d: 'BLS12_G2ADD',
  e: 'BLS12_G2MSM',
  f: 'BLS12_PAIRING_CHECK',
  '10': 'BLS12_MAP_FP_TO_G1',
  '11': 'BLS12_MAP_FP2_TO_G2',
  '100': 'P256VERIFY',
};

const beaconRoots: Hex = '0x000f3df6d732807ef1319fb7b8bb8522d0beac02';
const pragueContracts: Readonly<Record<string, Hex>> = {
  CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS: '0x0000bbddc7ce488642fb579f8b00f3a590007251',
  HISTORY_STORAGE_ADDRESS: '0x0000f90827f1c53a10cb7a02335b175320002935',
  WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS: '0x00000961ef480eb55e80d19ad83579a64c007002',
};

export interface ForkSource {
  readonly genesis: Pick<Genesis, 'config' | 'header'>;
  readonly genesisHash: Uint8Array;
  readonly config: ChainConfig;
  /** Precompiles of a fork: addresses in hex without 0x. */
  readonly precompilesOf: (fork: string) => Promise<Iterable<string>>;
}

/** EIP-2124: of the genesis and of each height and time at which the rules changed, up to a time. */
function checksum({ genesis, genesisHash }: ForkSource, untilSec: number): Hex {
  const { forks } = genesis.config;
  const of = (suffix: string) =>
    Object.entries(forks).flatMap(([name, at]) => (name.endsWith(suffix) ? [at] : []));
  const heights = of('Block').filter((height) => height > 0);
  const times = of('Time').filter((time) => time > Number(genesis.header.timestamp) && time <= untilSec);
  const inOrder = (values: number[]) => [...new Set(values)].sort((a, b) => a - b);
  let sum = crc32(genesisHash);
  for (const at of [...inOrder(heights), ...inOrder(times)]) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(at));
    sum = crc32(bytes, sum);
  }
  return `0x${sum.toString(16).padStart(8, '0')}`;
}

/** The newest one that the chain names up to this fork. */
function scheduleOf({ genesis }: ForkSource, place: number): BlobScheduleEntry | null {
  const named = forksByTime.slice(0, place + 1).map((fork) => genesis.config.blobSchedule[fork]);
  return named.findLast((each) => each !== undefined) ?? null;
}

async function describeFork(source: ForkSource, place: number): Promise<ForkConfig | null> {
  const fork = forksByTime[place];
  const { genesis, config } = source;
  const time = fork === undefined ? undefined : genesis.config.forks[`${fork}Time`];
  if (fork === undefined || time === undefined) return null;
  const rules = config.rulesOf(fork);
  const addresses = [...(await source.precompilesOf(fork))].sort();
  return {
    activationTime: Number(genesis.header.timestamp) >= time ? 0 : time,
    blobSchedule: scheduleOf(source, place),
    chainId: config.chainId,
    forkId: checksum(source, time),
    precompiles: Object.fromEntries(
      addresses.map((address) => {
        const name = precompileNames[address.replace(/^0+/, '')] ?? address;
        return [name, bytesToHex(hexToBytes(`0x${address}`))];
      }),
    ),
    systemContracts: {
      ...(rules.isActivatedEIP(4788) ? { BEACON_ROOTS_ADDRESS: beaconRoots } : {}),
      ...(rules.isActivatedEIP(7685)
        ? { ...pragueContracts, DEPOSIT_CONTRACT_ADDRESS: config.depositContract }
        : {}),
    },
  };
}

/** At a time, in seconds. Null: before Shanghai, and where nothing more is planned. */
export async function describeForks(source: ForkSource, nowSec: number): Promise<ForkSchedule> {
  const times = forksByTime.map((fork) => source.genesis.config.forks[`${fork}Time`]);
  const present = times.findLastIndex((time) => time !== undefined && time <= nowSec);
  const last = times.findLastIndex((time) => time !== undefined);
  return {
    current: await describeFork(source, present),
    next: await describeFork(source, present + 1),
    last: last > present ? await describeFork(source, last) : null,
  };
}
