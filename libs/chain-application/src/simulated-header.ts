/** Headers of simulated blocks: as geth makes them, from the block before and what shall be otherwise. */
import { type BlockHeader, createBlockHeader } from '@ethereumjs/block';
import type { Common } from '@ethereumjs/common';
import { Address } from '@ethereumjs/util';
import { encodeRlp, type RlpItem } from '@lucid/eth-proof';
import { type CallBlock, readAddress } from './call-request.ts';
import { expectedBaseFee } from './header-rules.ts';
import type { PlannedBlock } from './plan-simulation.ts';
import type { SimulatedWithdrawal } from './simulation-types.ts';
import { listRoot } from './trie.ts';
import { bigIntToBytes, hexToBytes, keyToBytes } from './values.ts';

const noHash = new Uint8Array(32);

/** RLP items of the block's withdrawals; undefined before Shanghai. */
export function withdrawalItems(
  rules: Common,
  withdrawals: readonly SimulatedWithdrawal[] = [],
): RlpItem[] | undefined {
  if (!rules.isActivatedEIP(4895)) return undefined;
  return withdrawals.map(({ index, validatorIndex, address, amount }) => [
    bigIntToBytes(index),
    bigIntToBytes(validatorIndex),
    hexToBytes(address),
    bigIntToBytes(amount),
  ]);
}

function blobFields(parent: BlockHeader, rules: Common, planned: PlannedBlock) {
  if (!rules.isActivatedEIP(4844)) return {};
  const root = planned.blockOverrides?.parentBeaconBlockRoot;
  return {
    excessBlobGas: parent.common.isActivatedEIP(4844) ? parent.calcNextExcessBlobGas(rules) : 0n,
    blobGasUsed: 0n,
    parentBeaconBlockRoot: root === undefined ? noHash : hexToBytes(root),
  };
}

/**
 * The header before anything is executed. Without validation the base fee is 0 where nobody names one: so calls need not pay.
 */
export function openSimulatedHeader(
  parent: BlockHeader,
  rules: Common,
  planned: PlannedBlock,
  validation: boolean,
): BlockHeader {
  const overrides = planned.blockOverrides ?? {};
  const baseFee = overrides.baseFeePerGas ?? (validation ? expectedBaseFee(rules, parent) : 0n);
  const withdrawals = withdrawalItems(rules, overrides.withdrawals);
  return createBlockHeader(
    {
      parentHash: parent.hash(),
      coinbase: overrides.feeRecipient === undefined ? parent.coinbase : readAddress(overrides.feeRecipient),
      difficulty: rules.consensusType() === 'pos' ? 0n : parent.difficulty,
      number: planned.number,
      gasLimit: overrides.gasLimit ?? parent.gasLimit,
      timestamp: planned.timestampSec,
      mixHash: overrides.prevRandao === undefined ? noHash : hexToBytes(overrides.prevRandao),
      ...(rules.isActivatedEIP(1559) && baseFee !== undefined ? { baseFeePerGas: baseFee } : {}),
      ...(withdrawals === undefined
        ? {}
        : { withdrawalsRoot: keyToBytes(listRoot(withdrawals.map((item) => encodeRlp(item)))) }),
      ...blobFields(parent, rules, planned),
    },
    { common: rules, skipConsensusFormatValidation: true },
  );
}

export interface BlockOutcome {
  readonly stateRoot: Uint8Array;
  readonly transactionsTrie: Uint8Array;
  readonly receiptTrie: Uint8Array;
  readonly logsBloom: Uint8Array;
  readonly gasUsed: bigint;
  readonly blobGasUsed?: bigint;
  readonly requestsHash?: Uint8Array;
}

export const sealSimulatedHeader = (opened: BlockHeader, outcome: BlockOutcome): BlockHeader =>
  createBlockHeader(
    { ...opened, ...outcome },
    { common: opened.common, skipConsensusFormatValidation: true },
  );

/** What the EVM sees of the block. */
export function environmentOf(opened: BlockHeader, planned: PlannedBlock): CallBlock {
  const blobBaseFee =
    planned.blockOverrides?.blobBaseFee ??
    (opened.common.isActivatedEIP(4844) ? opened.getBlobGasPrice() : undefined);
  return {
    header: {
      number: opened.number,
      coinbase: new Address(opened.coinbase.bytes),
      timestamp: opened.timestamp,
      difficulty: opened.difficulty,
      prevRandao: opened.mixHash,
      gasLimit: opened.gasLimit,
      ...(opened.baseFeePerGas === undefined ? {} : { baseFeePerGas: opened.baseFeePerGas }),
      getBlobGasPrice: () => blobBaseFee,
    },
  };
}
