/** Simulations: from the contract's JSON to what the chain takes, and back. */
import {
  type BlockToSimulate,
  bytesToHex,
  type SimulatedAccountOverride,
  type SimulatedBlock,
  type SimulatedBlockOverride,
  type SimulatedCall,
  type SimulatedTransaction,
  type SimulatedWithdrawal,
  type SimulationRequest,
  type SimulationResult,
} from '@lucid/chain-application';
import { toQuantity } from '@lucid/chain-wire';
import type { SimulationRequest as SimulationBody } from '@lucid/contracts';
import type { Static } from 'typebox';
import {
  blockMembers,
  blockNames,
  converted,
  hex,
  overrideMembers,
  stateAt,
  transactionMembers,
  transactionNames,
} from './requests.ts';

type Body = Static<typeof SimulationBody>;
type Block = Body['blocks'][number];
type Overrides = NonNullable<Block['blockOverrides']>;

const withdrawalOf = (withdrawal: NonNullable<Overrides['withdrawals']>[number]): SimulatedWithdrawal =>
  converted(withdrawal, { index: BigInt, validatorIndex: BigInt, address: hex, amount: BigInt });

const blockOverrideOf = (overrides: Overrides): SimulatedBlockOverride =>
  converted(
    overrides,
    {
      ...blockMembers,
      blobBaseFee: BigInt,
      parentBeaconBlockRoot: hex,
      withdrawals: (list) => list.map(withdrawalOf),
    },
    blockNames,
  );

const stateOverrideOf = (override: NonNullable<Block['stateOverrides']>[string]): SimulatedAccountOverride =>
  converted(override, { ...overrideMembers, movePrecompileToAddress: hex });

const callOf = (call: NonNullable<Block['calls']>[number]): SimulatedTransaction =>
  converted(
    call,
    { ...transactionMembers, maxFeePerBlobGas: BigInt, blobVersionedHashes: (hashes) => hashes },
    transactionNames,
  );

const blockOf = ({ blockOverrides, stateOverrides, calls }: Block): BlockToSimulate => ({
  ...(blockOverrides && { blockOverrides: blockOverrideOf(blockOverrides) }),
  ...(stateOverrides && {
    stateOverrides: Object.fromEntries(
      Object.entries(stateOverrides).map(([address, override]) => [address, stateOverrideOf(override)]),
    ),
  }),
  ...(calls && { calls: calls.map(callOf) }),
});

export const simulationRequest = ({
  block,
  blocks,
  validation,
  traceTransfers,
}: Body): SimulationRequest => ({
  ...stateAt(block),
  blocks: blocks.map(blockOf),
  validation: validation ?? false,
  traceTransfers: traceTransfers ?? false,
});

const describeCall = ({ status, returnData, gasUsed, maxUsedGas, logs, error }: SimulatedCall) => ({
  status,
  returnData: bytesToHex(returnData),
  gasUsed: toQuantity(gasUsed),
  maxUsedGas: toQuantity(maxUsedGas),
  logs: logs.map((log) => ({ ...log, topics: [...log.topics] })),
  ...(error && {
    error: {
      code: error.code,
      message: error.message,
      ...(error.data && { data: bytesToHex(error.data) }),
    },
  }),
});

const describeBlock = ({ blockRlp, senders, calls }: SimulatedBlock) => ({
  blockRlp: bytesToHex(blockRlp),
  senders: [...senders],
  calls: calls.map(describeCall),
});

export const describeSimulation = (result: SimulationResult) =>
  result.ok ? { ok: true as const, blocks: result.blocks.map(describeBlock) } : result;
