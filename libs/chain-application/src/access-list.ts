/** eth_createAccessList as geth makes it: executes until the list of what was touched grows no more. */

import type { InterpreterStep } from '@ethereumjs/evm';
import { generateAddress } from '@ethereumjs/util';
import type { AccessListEntry, AccessListResult, CallRequest, ExecutionFailure } from './application.ts';
import { executeCall } from './call.ts';
import type { CallMachine } from './call-machine.ts';
import { applyOverrides, type PreparedCall } from './call-request.ts';
import { ChainError } from './error.ts';
import { bigIntToBytes, bytesToHex, type Hex } from './values.ts';

const addressOpcodes = new Set(['EXTCODECOPY', 'EXTCODEHASH', 'EXTCODESIZE', 'BALANCE', 'SELFDESTRUCT']);
const callOpcodes = new Set(['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL']);

const wordToAddress = (word: bigint): Hex =>
  `0x${(word & ((1n << 160n) - 1n)).toString(16).padStart(40, '0')}`;
const wordToHash = (word: bigint): Hex => `0x${word.toString(16).padStart(64, '0')}`;

type Touched = Map<Hex, Set<Hex>>;

function touch(touched: Touched, address: Hex, slot?: Hex): void {
  const slots = touched.get(address) ?? new Set<Hex>();
  if (slot !== undefined) slots.add(slot);
  touched.set(address, slots);
}

function noteStep(touched: Touched, excluded: ReadonlySet<Hex>, step: InterpreterStep): void {
  const { name } = step.opcode;
  const { stack } = step;
  const top = stack.at(-1);
  if (top === undefined) return;
  if (name === 'SLOAD' || name === 'SSTORE') {
    touch(touched, bytesToHex(step.address.bytes), wordToHash(top));
    return;
  }
  const word = addressOpcodes.has(name)
    ? top
    : callOpcodes.has(name) && stack.length >= 5
      ? stack.at(-2)
      : undefined;
  if (word === undefined) return;
  const address = wordToAddress(word);
  if (!excluded.has(address)) touch(touched, address);
}

function startList(given: readonly AccessListEntry[], excluded: ReadonlySet<Hex>): Touched {
  const touched: Touched = new Map();
  for (const { address, storageKeys } of given) {
    const lower = address.toLowerCase() as Hex;
    if (!excluded.has(lower)) touch(touched, lower);
    for (const slot of storageKeys) touch(touched, lower, slot.toLowerCase() as Hex);
  }
  return touched;
}

const toEntries = (touched: Touched): AccessListEntry[] =>
  [...touched]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([address, slots]) => ({ address, storageKeys: [...slots].sort() }));

const sizeOf = (entries: readonly AccessListEntry[]): number =>
  entries.reduce((sum, { storageKeys }) => sum + 1 + storageKeys.length, 0);

/** Sender, recipient and precompiles: touched in every transaction. */
async function excludedAddresses(machine: CallMachine, call: PreparedCall): Promise<ReadonlySet<Hex>> {
  const nonce = call.transaction.nonce ?? (await machine.state.fields(call.from.bytes))?.nonce ?? 0n;
  const to = call.to?.bytes ?? generateAddress(call.from.bytes, bigIntToBytes(nonce));
  const precompiles = [...machine.evm.precompiles.keys()].map((address): Hex => `0x${address}`);
  return new Set([bytesToHex(call.from.bytes), bytesToHex(to), ...precompiles]);
}

/** geth leaves the text of a revert out here. */
const bareWords = (failure: ExecutionFailure): string =>
  failure.reason === 'reverted' ? 'execution reverted' : failure.message;

export async function createAccessList(
  machine: CallMachine,
  call: PreparedCall,
  request: CallRequest,
): Promise<AccessListResult> {
  await applyOverrides(machine, request);
  const excluded = await excludedAddresses(machine, call);
  let list = toEntries(startList(call.transaction.accessList ?? [], excluded));
  for (;;) {
    const touched = startList(list, excluded);
    const listener = (step: InterpreterStep): void => noteStep(touched, excluded, step);
    machine.evm.events.on('step', listener);
    const withList = { ...call, transaction: { ...call.transaction, accessList: list } };
    const { result } = await executeCall(machine, withList, call.gas).finally(() =>
      machine.evm.events.off('step', listener),
    );
    if (!result.ok && result.failure.reason === 'refused')
      throw new ChainError('request_invalid', `failed to apply transaction: err: ${result.failure.message}`);
    const grown = toEntries(touched);
    if (sizeOf(grown) === sizeOf(list)) {
      const gasUsed = result.ok ? result.gasUsed : result.failure.gasUsed;
      return { accessList: list, gasUsed, ...(result.ok ? {} : { error: bareWords(result.failure) }) };
    }
    list = grown;
  }
}
