/** Bytes of a transaction from a contract and values in JSON. */
import {
  type Abi,
  type AbiFunction,
  AbiValueError,
  constructorInputs,
  encodeFunction,
  encodeValues,
  functionOf,
  type Hex,
  isPayable,
  joined,
  signatureOf,
  valuesFromJson,
  valuesToJson,
} from '@lucid/chain-client';
import { deploymentLimits } from '@lucid/contracts';
import { problem } from '../problem.ts';
import type { LoadedContract } from './contract-source.ts';

const sizeOf = (data: Hex): number => (data.length - 2) / 2;

/** Besides its data, a signed transaction has this many bytes at most. */
const ENVELOPE_BYTES = 256;

function fitting<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AbiValueError) throw problem('arguments_invalid', { detail: `${error.message}.` });
    throw error;
  }
}

function assertSize(data: Hex): void {
  const most = deploymentLimits.transactionBytes - ENVELOPE_BYTES;
  if (sizeOf(data) > most)
    throw problem('transaction_too_large', {
      detail: `Its data has ${sizeOf(data)} bytes, ${most} are taken.`,
    });
}

function assertPayable(item: { readonly stateMutability?: string } | undefined, value: bigint): void {
  if (value > 0n && !isPayable(item))
    throw problem('arguments_invalid', { detail: 'valueWei: expected 0, since it is not payable.' });
}

export interface PreparedCreation {
  readonly data: Hex;
  readonly constructorData: Hex;
  /** As they come back from the ABI. */
  readonly args: readonly unknown[];
}

/** @throws ProblemError contract_abstract, code_too_large, transaction_too_large, arguments_invalid */
export function prepareCreation(
  { abi, identity, creationCode, runtime }: LoadedContract,
  args: readonly unknown[],
  value: bigint,
): PreparedCreation {
  if (creationCode === '0x')
    throw problem('contract_abstract', { detail: `${identity.name} is abstract or an interface.` });
  const inputs = constructorInputs(abi);
  const values = fitting(() => valuesFromJson(inputs, args));
  assertPayable(
    abi.find((each) => each.type === 'constructor'),
    value,
  );
  const constructorData = encodeValues(inputs, values);
  const data = joined(creationCode, constructorData);
  const { runtimeBytes, creationBytes } = deploymentLimits;
  if (sizeOf(runtime.code) > runtimeBytes)
    throw problem('code_too_large', {
      detail: `Its runtime code has ${sizeOf(runtime.code)} bytes, ${runtimeBytes} are taken (EIP-170).`,
    });
  if (sizeOf(data) > creationBytes)
    throw problem('code_too_large', {
      detail: `Its creation code with arguments has ${sizeOf(data)} bytes, ${creationBytes} are taken (EIP-3860).`,
    });
  assertSize(data);
  return { data, constructorData, args: valuesToJson(inputs, values) };
}

export interface PreparedCall {
  readonly data: Hex;
  readonly item: AbiFunction;
  readonly signature: string;
  readonly args: readonly unknown[];
}

/** @throws ProblemError arguments_invalid, transaction_too_large */
export function prepareCall(
  abi: Abi,
  { function: name, args, value = 0n }: { function: string; args: readonly unknown[]; value?: bigint },
): PreparedCall {
  const item = fitting(() => functionOf(abi, name, args.length));
  const values = fitting(() => valuesFromJson(item.inputs, args));
  assertPayable(item, value);
  const data = encodeFunction(item, values);
  assertSize(data);
  return { data, item, signature: signatureOf(item), args: valuesToJson(item.inputs, values) };
}
