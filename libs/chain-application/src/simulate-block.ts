/** Executes one block of a simulation: overrides, calls as transactions, and the header that belongs to all that. */
import type { BlockHeader } from '@ethereumjs/block';
import { Bloom } from '@ethereumjs/vm';
import { decodeRlp, encodeRlp, type RlpItem } from '@lucid/eth-proof';
import { type AppliedMessage, applyMessage } from './apply-message.ts';
import { mergeBloom } from './bloom.ts';
import { describeFailure } from './call.ts';
import type { CallBlock } from './call-request.ts';
import type { Machine } from './machine.ts';
import type { PlannedBlock } from './plan-simulation.ts';
import { encodeReceipt, type RawLog } from './receipt.ts';
import {
  environmentOf,
  openSimulatedHeader,
  sealSimulatedHeader,
  withdrawalItems,
} from './simulated-header.ts';
import { prepareMessage, type SimulatedMessage } from './simulated-message.ts';
import { type SimulationBudget, stepsOfBlock, stepsOfCall, stepsOfOverride } from './simulation-limits.ts';
import type { SimulationLogs } from './simulation-logs.ts';
import { overrideState } from './simulation-overrides.ts';
import type { SimulatedBlock, SimulatedCall, SimulatedTransaction } from './simulation-types.ts';
import { beginBlock, endBlock, payBlock } from './system-calls.ts';
import { listRoot } from './trie.ts';
import { bytesToHex, type Hex, keyToBytes } from './values.ts';

/** Code of a call that ended otherwise than by REVERT (execution-apis). */
const vmErrorCode = -32_015;
/** What a log, a call and a header take in the answer besides their data. */
const sizes = { log: 256, call: 256, block: 1024 } as const;

export interface BlockSimulation {
  readonly machine: Machine;
  /** As the fork has them: overrides of a block move them for this block alone. */
  readonly precompiles: Machine['evm']['precompiles'];
  readonly logs: SimulationLogs;
  readonly budget: SimulationBudget;
  readonly chainId: bigint;
  readonly depositContract: Hex;
  readonly validation: boolean;
  readonly yieldTurn: () => Promise<void>;
}

interface OpenBlock {
  readonly header: BlockHeader;
  readonly environment: CallBlock;
  gasUsed: bigint;
  blobGasUsed: bigint;
  readonly bloom: Uint8Array;
  readonly messages: SimulatedMessage[];
  readonly receipts: Uint8Array[];
  readonly calls: SimulatedCall[];
  readonly logs: RawLog[];
}

export interface FinishedBlock {
  readonly header: BlockHeader;
  readonly block: SimulatedBlock;
}

function bloomOf(logs: readonly RawLog[]): Uint8Array {
  const bloom = new Bloom();
  for (const [address, topics] of logs) {
    bloom.add(address);
    for (const topic of topics) bloom.add(topic);
  }
  return bloom.bitvector;
}

function describeCall(
  simulation: BlockSimulation,
  applied: AppliedMessage,
  isCapped: boolean,
): SimulatedCall {
  const { result, gasUsed, maxUsedGas } = applied;
  const { exceptionError, returnValue } = result.execResult;
  if (exceptionError === undefined)
    return {
      status: 1,
      returnData: Uint8Array.from(returnValue),
      ...{ gasUsed, maxUsedGas },
      logs: simulation.logs.logs,
    };
  const { reason, code, message, data } = describeFailure(result, gasUsed);
  const capped = isCapped ? " (gas limit was capped by the RPC server's global gas cap)" : '';
  return {
    status: 0,
    returnData: new Uint8Array(0),
    ...{ gasUsed, maxUsedGas },
    logs: [],
    error:
      reason === 'reverted'
        ? { code, message, ...(data === undefined ? {} : { data }) }
        : { code: vmErrorCode, message: `${message}${capped}` },
  };
}

function takeAnswer({ budget }: BlockSimulation, call: SimulatedCall, raw: Uint8Array): void {
  const logs = call.logs.reduce((sum, { data }) => sum + sizes.log + data.length / 2, 0);
  const handedBack = call.returnData.length + (call.error?.data?.length ?? 0);
  budget.takeAnswer(sizes.call + raw.length + handedBack + logs);
}

async function receiptOf(
  { machine }: BlockSimulation,
  open: OpenBlock,
  message: SimulatedMessage,
  logs: readonly RawLog[],
  status: 0 | 1,
): Promise<Uint8Array> {
  const isByzantium = machine.rules.gteHardfork('byzantium');
  const bloom = bloomOf(logs);
  mergeBloom(open.bloom, bloom);
  return encodeReceipt({
    type: message.type,
    outcome: isByzantium ? status : keyToBytes(await machine.state.flush()),
    cumulativeGasUsed: open.gasUsed,
    bloom,
    logs,
  });
}

async function simulateCall(
  simulation: BlockSimulation,
  open: OpenBlock,
  transaction: SimulatedTransaction,
): Promise<void> {
  const { machine, budget, chainId, precompiles, validation } = simulation;
  budget.takeSteps(stepsOfCall);
  const { isCapped, ...message } = await prepareMessage(transaction, {
    block: open.environment,
    header: open.header,
    chainId,
    nonceOf: async (address) => (await machine.state.fields(address))?.nonce ?? 0n,
    blockGasLeft: open.header.gasLimit - open.gasUsed,
    budget: budget.gasLeft,
  });
  simulation.logs.beginCall();
  const applied = await applyMessage(machine, message, { validation, precompiles: precompiles.keys() });
  const call = describeCall(simulation, applied, isCapped);
  takeAnswer(simulation, call, message.raw);
  budget.takeGas(applied.gasUsed);
  open.gasUsed += applied.gasUsed;
  open.blobGasUsed += message.blobGas;
  const logs = call.status === 1 ? ((applied.result.execResult.logs ?? []) as RawLog[]) : [];
  open.messages.push(message);
  open.receipts.push(await receiptOf(simulation, open, message, logs, call.status));
  open.calls.push(call);
  open.logs.push(...logs);
}

function encodeBlock(header: BlockHeader, open: OpenBlock, withdrawals: RlpItem[] | undefined): Uint8Array {
  const transactions = open.messages.map(({ raw, type }) => (type === 0 ? decodeRlp(raw) : raw));
  return encodeRlp([
    header.raw() as RlpItem,
    transactions,
    [],
    ...(withdrawals === undefined ? [] : [withdrawals]),
  ]);
}

async function seal(
  simulation: BlockSimulation,
  open: OpenBlock,
  planned: PlannedBlock,
): Promise<FinishedBlock> {
  const { machine, depositContract } = simulation;
  const { rules, state } = machine;
  const requestsHash = await endBlock(machine, open.environment, open.logs, depositContract);
  const withdrawals = planned.blockOverrides?.withdrawals;
  await payBlock(machine, open.header, withdrawals);
  const header = sealSimulatedHeader(open.header, {
    stateRoot: keyToBytes(await state.flush()),
    transactionsTrie: keyToBytes(listRoot(open.messages.map(({ raw }) => raw))),
    receiptTrie: keyToBytes(listRoot(open.receipts)),
    logsBloom: open.bloom,
    gasUsed: open.gasUsed,
    ...(rules.isActivatedEIP(4844) ? { blobGasUsed: open.blobGasUsed } : {}),
    ...(requestsHash === undefined ? {} : { requestsHash }),
  });
  return {
    header,
    block: {
      blockRlp: encodeBlock(header, open, withdrawalItems(rules, withdrawals)),
      senders: open.messages.map(({ call }) => bytesToHex(call.from.bytes)),
      calls: open.calls,
    },
  };
}

/** Changes the machine's state. Throws a SimulationRefusal, or `execution_limit`. */
export async function simulateBlock(
  simulation: BlockSimulation,
  planned: PlannedBlock,
  parent: BlockHeader,
): Promise<FinishedBlock> {
  const { machine, budget, precompiles } = simulation;
  budget.takeSteps(stepsOfBlock);
  budget.takeAnswer(sizes.block);
  const header = openSimulatedHeader(parent, machine.rules, planned, simulation.validation);
  const open: OpenBlock = {
    header,
    environment: environmentOf(header, planned),
    ...{ gasUsed: 0n, blobGasUsed: 0n, bloom: new Uint8Array(256) },
    ...{ messages: [], receipts: [], calls: [], logs: [] },
  };
  machine.evm.precompiles.clear();
  for (const [address, precompile] of precompiles) machine.evm.precompiles.set(address, precompile);
  await overrideState(machine, planned.stateOverrides, {
    spend: () => budget.takeSteps(stepsOfOverride),
    pause: simulation.yieldTurn,
  });
  await beginBlock(machine, header);
  simulation.logs.beginBlock();
  for (const transaction of planned.calls ?? []) {
    await simulation.yieldTurn();
    await simulateCall(simulation, open, transaction);
  }
  await simulation.yieldTurn();
  return seal(simulation, open, planned);
}
