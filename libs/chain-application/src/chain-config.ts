/**
 * The forks of a chain: one ethereumjs `Common` for each, made once and never changed again. As shipped, a Common is copied and
 * its tables are rebuilt for every transaction, block and EVM, which is half of the time of a block.
 */

import { type Common, createCommonFromGethGenesis, type GethGenesis } from '@ethereumjs/common';
import { createLegacyTx } from '@ethereumjs/tx';
import { fastCrypto } from './crypto.ts';
import type { Hex } from './values.ts';

const blobForks = ['cancun', 'prague', 'osaka', 'bpo1', 'bpo2', 'bpo3', 'bpo4', 'bpo5'];
const gasPerBlob = 131_072n;
const mainnetDeposits: Hex = '0x00000000219ab540356cbb839cbe05303d7705fa';

/** EIP-7840: the newest schedule that the chain names up to this fork; ethereumjs reads it for some forks alone. */
function useBlobSchedule(common: Common, fork: string, genesis: GethGenesis): void {
  const named = blobForks
    .slice(0, blobForks.indexOf(fork) + 1)
    .map((each) => genesis.config.blobSchedule?.[each])
    .findLast((each) => each !== undefined);
  if (named === undefined) return;
  const schedule = {
    targetBlobGasPerBlock: BigInt(named.target ?? 0) * gasPerBlob,
    maxBlobGasPerBlock: BigInt(named.max ?? 0) * gasPerBlob,
    blobGasPriceUpdateFraction: BigInt(named.baseFeeUpdateFraction ?? 0),
  };
  const param = common.param.bind(common);
  common.getBlobGasSchedule = () => schedule;
  common.param = (name) => (name in schedule ? schedule[name as keyof typeof schedule] : param(name));
}

/** Answers from memory what is asked several hundred times a transaction. */
function freezeFork(common: Common, fork: string, genesis: GethGenesis): Common {
  common.setHardfork(fork);
  useBlobSchedule(common, fork, genesis);
  const applied = new Set<object>();
  const updateParams = common.updateParams.bind(common);
  const eips = new Map<number, boolean>();
  const forks = new Map<string, boolean>();
  const values = new Map<string, bigint>();
  const isActivatedEIP = common.isActivatedEIP.bind(common);
  const gteHardfork = common.gteHardfork.bind(common);
  const param = common.param.bind(common);
  const consensus = common.consensusType();
  const remember = <Key, Value>(known: Map<Key, Value>, key: Key, find: (key: Key) => Value): Value => {
    const value = known.get(key);
    if (value !== undefined) return value;
    const found = find(key);
    known.set(key, found);
    return found;
  };
  common.copy = () => common;
  common.updateParams = (params) => {
    if (applied.has(params)) return;
    applied.add(params);
    values.clear();
    updateParams(params);
  };
  common.isActivatedEIP = (eip) => remember(eips, eip, isActivatedEIP);
  common.gteHardfork = (other) => remember(forks, other, gteHardfork);
  common.param = (name) => remember(values, name, param);
  common.consensusType = () => consensus;
  common.setHardfork = (other) => {
    if (other !== fork) throw new Error(`the rules of ${fork} cannot become those of ${other}`);
  };
  common.setHardforkBy = () => fork;
  // What a transaction costs is asked before any transaction of ethereumjs is made.
  createLegacyTx({}, { common });
  return common;
}

export interface ChainConfig {
  readonly chainId: number;
  /** Its logs tell deposits (EIP-6110). */
  readonly depositContract: Hex;
  /** Rules of the block of that height and time. */
  rulesAt(height: number | bigint, timestampSec: number | bigint): Common;
  rulesOf(fork: string): Common;
  /** Names of the forks in the chain's order. */
  readonly forks: readonly string[];
}

/** `genesis` has been judged by `parseGenesis` before. */
export function createChainConfig(genesis: GethGenesis): ChainConfig {
  const create = (): Common =>
    createCommonFromGethGenesis(genesis, { chain: 'lucid_blocks', customCrypto: fastCrypto });
  const schedule = create();
  const made = new Map<string, Common>();
  const rulesOf = (fork: string): Common => {
    const known = made.get(fork);
    if (known !== undefined) return known;
    const common = freezeFork(create(), fork, genesis);
    made.set(fork, common);
    return common;
  };
  return {
    chainId: genesis.config.chainId,
    depositContract:
      (genesis.config.depositContractAddress?.toLowerCase() as Hex | undefined) ?? mainnetDeposits,
    rulesOf,
    rulesAt: (height, timestampSec) =>
      rulesOf(schedule.getHardforkBy({ blockNumber: height, timestamp: timestampSec })),
    forks: schedule.hardforks().map(({ name }) => name),
  };
}
