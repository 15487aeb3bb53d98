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
function readMembers<T>(members: Members, readers: Readonly<Record<string, (value: unknown) => unknown>>): T {
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

function readTransaction(value: unknown): Transaction {
  const given = readObject(value);
  const { data, ...transaction } = readMembers<Transaction & { data?: string }>(given, transactionReaders);
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
  return data === undefined ? transaction : { ...transaction, input: data };
}

const slotValues = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(readObject(value)).map(([slot, each]) => [readHash(slot), readHash(each)]),
  );

function readOverride(value: unknown) {
  const override = readMembers<NonNullable<Request['stateOverrides']>[string]>(readObject(value), {
    balance: quantity,
    nonce: quantity,
    code: bytes,
    state: slotValues,
    stateDiff: slotValues,
  });
  if (override.state && override.stateDiff)
    throw new ParameterError('an account has both "state" and "stateDiff"');
  return override;
}

const mostOverrides = 1_000;

export function readStateOverrides(value: unknown): NonNullable<Request['stateOverrides']> {
  const entries = Object.entries(readObject(value));
  if (entries.length > mostOverrides) throw new ParameterError(`at most ${mostOverrides} accounts are taken`);
  return Object.fromEntries(entries.map(([address, each]) => [readAddress(address), readOverride(each)]));
}

export function readBlockOverrides(value: unknown): NonNullable<Request['blockOverrides']> {
  const given = readObject(value);
  const { coinbase, random, baseFee, ...overrides } = readMembers<
    NonNullable<Request['blockOverrides']> & { coinbase?: string; random?: string; baseFee?: string }
  >(given, {
    number: quantity,
    time: quantity,
    gasLimit: quantity,
    feeRecipient: readAddress,
    coinbase: readAddress,
    prevRandao: readHash,
    random: readHash,
    baseFeePerGas: quantity,
    baseFee: quantity,
  });
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
