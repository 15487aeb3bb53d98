/** What `eth_simulateV1` takes: blocks of calls, each with what its header and the accounts shall be (geth's members). */
import { toQuantity } from '@lucid/chain-wire';
import { maxSimulatedBlocks, type SimulationRequest } from '@lucid/contracts';
import type { Static } from 'typebox';
import {
  blockOverrideReaders,
  readMembers,
  readOverrideMembers,
  readTransactionMembers,
} from './call-parameters.ts';
import {
  parameter,
  readAddress,
  readArray,
  readFlag,
  readHash,
  readObject,
  readQuantity,
} from './parameters.ts';
import { codes, ParameterError, RpcError } from './rpc-error.ts';

type Request = Static<typeof SimulationRequest>;
type Block = Request['blocks'][number];
type Overrides = NonNullable<Block['blockOverrides']>;

/** execution-apis: more than the node takes. */
const clientLimit = -38_026;
const mostOverrides = 1_000;
const mostWithdrawals = 1_000;
const mostBlobs = 64;
const mostCalls = 10_000;

const quantity = (value: unknown): string => toQuantity(readQuantity(value));

const withdrawals = (value: unknown) =>
  readArray(value, mostWithdrawals).map((each) => {
    const given = readObject(each);
    return {
      index: quantity(given.index),
      validatorIndex: quantity(given.validatorIndex),
      address: readAddress(given.address),
      amount: quantity(given.amount),
    };
  });

function readBlockOverrides(value: unknown): Overrides {
  const { beaconRoot, ...overrides } = readMembers<Overrides & { beaconRoot?: string }>(readObject(value), {
    ...blockOverrideReaders,
    blobBaseFee: quantity,
    beaconRoot: readHash,
    parentBeaconBlockRoot: readHash,
    withdrawals,
  });
  return { ...(beaconRoot && { parentBeaconBlockRoot: beaconRoot }), ...overrides };
}

function readStateOverrides(value: unknown): NonNullable<Block['stateOverrides']> {
  const entries = Object.entries(readObject(value));
  if (entries.length > mostOverrides) throw new ParameterError(`at most ${mostOverrides} accounts are taken`);
  return Object.fromEntries(
    entries.map(([address, each]) => [
      readAddress(address),
      readOverrideMembers<NonNullable<Block['stateOverrides']>[string]>(readObject(each), {
        movePrecompileToAddress: readAddress,
      }),
    ]),
  );
}

const readCall = (value: unknown): NonNullable<Block['calls']>[number] =>
  readTransactionMembers(readObject(value), {
    maxFeePerBlobGas: quantity,
    blobVersionedHashes: (hashes) => readArray(hashes, mostBlobs).map(readHash),
  });

function readCalls(value: unknown) {
  if (Array.isArray(value) && value.length > mostCalls)
    throw new RpcError(clientLimit, `too many calls: ${value.length} > ${mostCalls}`);
  return readArray(value, mostCalls).map(readCall);
}

const readBlock = (value: unknown): Block =>
  readMembers<Block>(readObject(value), {
    blockOverrides: readBlockOverrides,
    stateOverrides: readStateOverrides,
    calls: readCalls,
  });

function readBlocks(value: unknown): Block[] {
  if (!Array.isArray(value) || value.length === 0) throw new RpcError(codes.invalidParams, 'empty input');
  if (value.length > maxSimulatedBlocks) throw new RpcError(clientLimit, 'too many blocks');
  return value.map(readBlock);
}

export interface SimulationOptions {
  readonly request: Omit<Request, 'block'>;
  readonly returnFullTransactions: boolean;
}

export const simulationOptions = parameter((value): SimulationOptions => {
  const given = readObject(value);
  const flags = readMembers<Record<'validation' | 'traceTransfers' | 'returnFullTransactions', boolean>>(
    given,
    { validation: readFlag, traceTransfers: readFlag, returnFullTransactions: readFlag },
  );
  const { returnFullTransactions = false, ...rest } = flags;
  return { request: { blocks: readBlocks(given.blockStateCalls), ...rest }, returnFullTransactions };
});
