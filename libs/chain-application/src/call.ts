/** eth_call and what is built on it: executes a call on a block's state as geth does, and forgets it. */
import type { EVMResult, EVMRunCallOpts } from '@ethereumjs/evm';
import { checksumAddress } from '@lucid/eth-proof';
import type { CallRequest, CallResult, ExecutionFailure } from './application.ts';
import type { CallMachine } from './call-machine.ts';
import { applyOverrides, type PreparedCall } from './call-request.ts';
import type { ParsedTransaction } from './decode-transaction.ts';
import { floorGas, intrinsicGas } from './judge-transaction.ts';
import type { Machine } from './machine.ts';
import { wordExecutionError } from './receipt.ts';
import { revertText } from './revert-text.ts';
import { bytesToHex } from './values.ts';

/** A result, and the gas that was taken before any was given back. */
export interface CallOutcome {
  readonly result: CallResult;
  readonly peakGas: bigint;
}

const refused = (message: string): CallResult => ({
  ok: false,
  failure: { reason: 'refused', message, code: -32_000, gasUsed: 0n },
});

/** What intrinsic gas is counted from. */
export function shapeOf(call: PreparedCall): ParsedTransaction {
  const list = call.transaction.accessList ?? [];
  return {
    to: call.to?.bytes ?? null,
    data: call.data,
    accessListAddresses: list.length,
    accessListSlots: list.reduce((sum, { storageKeys }) => sum + storageKeys.length, 0),
    authorizations: 0,
  } as unknown as ParsedTransaction;
}

/** Warms what a transaction finds warm (EIPs 2929, 2930, 3651). */
function warm(
  machine: Machine,
  call: PreparedCall,
  precompiles: Iterable<string> = machine.evm.precompiles.keys(),
): void {
  const { rules, evm } = machine;
  if (!rules.isActivatedEIP(2929)) return;
  const { journal } = evm;
  for (const address of precompiles) journal.addAlwaysWarmAddress(address);
  journal.addAlwaysWarmAddress(call.from.toString());
  if (call.to !== undefined) journal.addAlwaysWarmAddress(call.to.toString());
  if (rules.isActivatedEIP(3651)) journal.addAlwaysWarmAddress(call.block.header.coinbase.toString());
  for (const { address, storageKeys } of call.transaction.accessList ?? []) {
    journal.addAlwaysWarmAddress(address.toLowerCase(), true);
    for (const slot of storageKeys)
      journal.addAlwaysWarmSlot(address.toLowerCase(), slot.toLowerCase(), true);
  }
}

async function judgeStart(machine: CallMachine, call: PreparedCall, gas: bigint): Promise<CallResult | null> {
  const from = (): string => checksumAddress(call.from.bytes);
  const { baseFeePerGas } = call.block.header;
  const free = call.fees.feeCap === 0n;
  if (!free && baseFeePerGas !== undefined && call.fees.feeCap < baseFeePerGas)
    return refused(
      `max fee per gas less than block base fee: address ${from()}, maxFeePerGas: ${call.fees.feeCap}, baseFee: ${baseFeePerGas}`,
    );
  const balance = (await machine.state.fields(call.from.bytes))?.balance ?? 0n;
  const wanted = gas * call.fees.feeCap + call.value;
  if (balance < wanted)
    return refused(
      `insufficient funds for gas * price + value: address ${from()} have ${balance} want ${wanted}`,
    );
  const shape = shapeOf(call);
  const intrinsic = intrinsicGas(shape, machine.rules);
  if (gas < intrinsic) return refused(`intrinsic gas too low: have ${gas}, want ${intrinsic}`);
  const floor = floorGas(shape, machine.rules);
  if (gas < floor) return refused(`insufficient gas for floor data gas cost: have ${gas}, want ${floor}`);
  return null;
}

export function describeFailure(result: EVMResult, gasUsed: bigint): ExecutionFailure {
  const { returnValue } = result.execResult;
  const words = wordExecutionError(result.execResult) ?? 'failed';
  if (words !== 'execution reverted') return { reason: 'failed', message: words, code: -32_000, gasUsed };
  const text = revertText(returnValue);
  return {
    reason: 'reverted',
    message: text === undefined ? words : `${words}: ${text}`,
    code: 3,
    data: Uint8Array.from(returnValue),
    gasUsed,
  };
}

export function gasOf(
  machine: Machine,
  call: PreparedCall,
  result: EVMResult,
): { used: bigint; peak: bigint } {
  const shape = shapeOf(call);
  const before = intrinsicGas(shape, machine.rules) + result.execResult.executionGasUsed;
  const most = before / machine.rules.param('maxRefundQuotient');
  const refund = result.execResult.gasRefund ?? 0n;
  const after = before - (refund < most ? refund : most);
  const floor = floorGas(shape, machine.rules);
  return { used: after < floor ? floor : after, peak: before < floor ? floor : before };
}

/** A transaction begins: nothing of the one before is left, and a checkpoint is set. `precompiles`: what is warm of them. */
export async function openCall(
  machine: Machine,
  call: PreparedCall,
  precompiles?: Iterable<string>,
): Promise<void> {
  const { evm, state } = machine;
  evm.journal.cleanJournal();
  evm.transientStorage.clear();
  state.originalStorageCache.clear();
  await evm.journal.checkpoint();
  warm(machine, call, precompiles);
}

/** What the library executes of a call that has so much gas, intrinsic gas included. */
export const runOptionsOf = (machine: Machine, call: PreparedCall, gas: bigint): EVMRunCallOpts => ({
  block: call.block as never,
  gasPrice: call.fees.gasPrice,
  caller: call.from,
  to: call.to,
  value: call.value,
  data: call.data,
  gasLimit: gas - intrinsicGas(shapeOf(call), machine.rules),
  blobVersionedHashes: call.transaction.blobVersionedHashes?.slice(),
});

/** Executes on the machine's state as it is and leaves it as it was. */
export async function executeCall(
  machine: CallMachine,
  call: PreparedCall,
  gas: bigint,
): Promise<CallOutcome> {
  const { evm } = machine;
  const cannotStart = await judgeStart(machine, call, gas);
  if (cannotStart !== null) return { result: cannotStart, peakGas: 0n };
  await openCall(machine, call);
  const account = await machine.state.getAccount(call.from);
  if (call.fees.gasPrice > 0n && account !== undefined) {
    account.balance -= gas * call.fees.gasPrice;
    await machine.state.putAccount(call.from, account);
  }
  const result = await evm.runCall(runOptionsOf(machine, call, gas));
  const { used: gasUsed, peak: peakGas } = gasOf(machine, call, result);
  const { createdAddress, execResult } = result;
  const code = createdAddress === undefined ? undefined : await machine.state.getCode(createdAddress);
  await evm.journal.revert();
  if (execResult.exceptionError !== undefined)
    return { result: { ok: false, failure: describeFailure(result, gasUsed) }, peakGas };
  const data = Uint8Array.from(code ?? execResult.returnValue);
  const contract = createdAddress === undefined ? {} : { contractAddress: bytesToHex(createdAddress.bytes) };
  return { result: { ok: true, data, gasUsed, ...contract }, peakGas };
}

export async function call(
  machine: CallMachine,
  prepared: PreparedCall,
  request: CallRequest,
): Promise<CallResult> {
  await applyOverrides(machine, request);
  const { result } = await executeCall(machine, prepared, prepared.gas);
  if (result.ok || result.failure.reason !== 'refused') return result;
  const message = `err: ${result.failure.message} (supplied gas ${prepared.gas})`;
  return { ok: false, failure: { ...result.failure, message } };
}
