/** What `eth_call` and its kin take: an unsigned transaction, accounts and a block as they shall be for one call (geth). */

import { toQuantity } from '@lucid/chain-wire';
import type { CallRequest, CallTransaction } from '@lucid/contracts';
import type { Static } from 'typebox';
import {
  parameter,
  readAddress,
  readArray,
  readData,
  readHash,
  readObject,
  readQuantity,
} from './parameters.ts';
import { ParameterError } from './rpc-error.ts';

type Request = Static<typeof CallRequest>;
type Transaction = Static<typeof CallTransaction>;
type Members = Readonly<Record<string, unknown>>;

/** Members that are there, each read by its reader; null counts as absent, and what has no reader is passed over. */
export function readMembers<T>(
  members: Members,
  readers: Readonly<Record<string, (value: unknown) => unknown>>,
): T {
  const found: Record<string, unknown> = {};
  for (const name in readers) {
    const value = members[name];
    if (value === undefined || value === null) continue;
    try {
      found[name] = readers[name]?.(value);
    } catch (error) {
      if (error instanceof ParameterError) throw new ParameterError(`${name}: ${error.message}`);
      throw error;
    }
  }
  return found as T;
}

const quantity = (value: unknown): string => toQuantity(readQuantity(value));
const bytes = (value: unknown): string => readData(value);

const accessList = (value: unknown) =>
  readArray(value, 10_000).map((entry) => {
    const { address, storageKeys } = readObject(entry);
    return {
      address: readAddress(address),
      storageKeys: readArray(storageKeys ?? [], 10_000).map(readHash),
    };
  });

const transactionReaders = {
  from: readAddress,
  to: readAddress,
  gas: quantity,
  gasPrice: quantity,
  maxFeePerGas: quantity,
  maxPriorityFeePerGas: quantity,
  value: quantity,
  nonce: quantity,
  input: bytes,
  data: bytes,
  accessList,
};

type Readers = Readonly<Record<string, (value: unknown) => unknown>>;

/** Members of a transaction, and those that `more` reads. */
export function readTransactionMembers<T extends Transaction>(given: Members, more: Readers = {}): T {
  const { data, ...transaction } = readMembers<T & { data?: string }>(given, {
    ...transactionReaders,
    ...more,
  });
  if (data !== undefined && transaction.input !== undefined && data !== transaction.input)
    throw new ParameterError(
      'both "data" and "input" are set and not equal. Please use "input" to pass transaction call data',
    );
  if (
    transaction.gasPrice !== undefined &&
    (transaction.maxFeePerGas !== undefined || transaction.maxPriorityFeePerGas !== undefined)
  )
    throw new ParameterError('both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified');
  if (Array.isArray(given.authorizationList) && given.authorizationList.length > 0)
    throw new ParameterError('authorizationList is not taken in calls');
  return (data === undefined ? transaction : { ...transaction, input: data }) as T;
}

const readTransaction = (value: unknown): Transaction => readTransactionMembers(readObject(value));

const slotValues = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(readObject(value)).map(([slot, each]) => [readHash(slot), readHash(each)]),
  );

type Override = NonNullable<Request['stateOverrides']>[string];

export function readOverrideMembers<T extends Override>(given: Members, more: Readers = {}): T {
  const override = readMembers<T>(given, {
    balance: quantity,
    nonce: quantity,
    code: bytes,
    state: slotValues,
    stateDiff: slotValues,
    ...more,
  });
  if (override.state && override.stateDiff)
    throw new ParameterError('an account has both "state" and "stateDiff"');
  return override;
}

const readOverride = (value: unknown): Override => readOverrideMembers(readObject(value));

const mostOverrides = 1_000;

export function readStateOverrides(value: unknown): NonNullable<Request['stateOverrides']> {
  const entries = Object.entries(readObject(value));
  if (entries.length > mostOverrides) throw new ParameterError(`at most ${mostOverrides} accounts are taken`);
  return Object.fromEntries(entries.map(([address, each]) => [readAddress(address), readOverride(each)]));
}

export const blockOverrideReaders = {
  number: quantity,
  time: quantity,
  gasLimit: quantity,
  feeRecipient: readAddress,
  prevRandao: readHash,
  baseFeePerGas: quantity,
};

export function readBlockOverrides(value: unknown): NonNullable<Request['blockOverrides']> {
  const given = readObject(value);
  const { coinbase, random, baseFee, ...overrides } = readMembers<
    NonNullable<Request['blockOverrides']> & { coinbase?: string; random?: string; baseFee?: string }
  >(given, { ...blockOverrideReaders, coinbase: readAddress, random: readHash, baseFee: quantity });
  return {
    ...(coinbase && { feeRecipient: coinbase }),
    ...(random && { prevRandao: random }),
    ...(baseFee && { baseFeePerGas: baseFee }),
    ...overrides,
  };
}

export const callTransaction = parameter(readTransaction);
export const stateOverrides = parameter(readStateOverrides);
export const blockOverrides = parameter(readBlockOverrides);
