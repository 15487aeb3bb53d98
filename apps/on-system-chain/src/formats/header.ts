/** Headers of every fork: their members by place, which stay where they are when a fork adds others behind them. */
import { bytesToBigInt, bytesToNumber, bytesToQuantity, toHex } from '@lucid/chain-wire';
import { RlpFault, splitList, stringOf } from './rlp-slices.ts';

type Kind = 'data' | 'quantity';

/** Names of JSON-RPC, in the order of the header's RLP. */
const MEMBERS: readonly (readonly [name: string, kind: Kind])[] = [
  ['parentHash', 'data'],
  ['sha3Uncles', 'data'],
  ['miner', 'data'],
  ['stateRoot', 'data'],
  ['transactionsRoot', 'data'],
  ['receiptsRoot', 'data'],
  ['logsBloom', 'data'],
  ['difficulty', 'quantity'],
  ['number', 'quantity'],
  ['gasLimit', 'quantity'],
  ['gasUsed', 'quantity'],
  ['timestamp', 'quantity'],
  ['extraData', 'data'],
  ['mixHash', 'data'],
  ['nonce', 'data'],
  ['baseFeePerGas', 'quantity'],
  ['withdrawalsRoot', 'data'],
  ['blobGasUsed', 'quantity'],
  ['excessBlobGas', 'quantity'],
  ['parentBeaconBlockRoot', 'data'],
  ['requestsHash', 'data'],
];
const before1559 = 15;
const places = { parentHash: 0, stateRoot: 3, number: 8, gasLimit: 9, gasUsed: 10, timestamp: 11 } as const;
const later = { baseFee: 15, blobGasUsed: 17, excessBlobGas: 18, requestsHash: 20 } as const;

/** What fees and production need of a header. */
export interface Header {
  readonly parentHash: string;
  readonly stateRoot: string;
  readonly height: number;
  readonly timestampSec: number;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Undefined before London; the two behind it before Cancun. */
  readonly baseFee: bigint | undefined;
  readonly blobGasUsed: bigint | undefined;
  readonly excessBlobGas: bigint | undefined;
  /** It has the member that Prague added. */
  readonly hasRequests: boolean;
}

/** @throws RlpFault */
export function readHeader(rlp: Uint8Array): Header {
  const members = splitList(rlp);
  if (members.length < before1559) throw new RlpFault(`a header has ${members.length} members`);
  const integer = (place: number) => bytesToBigInt(stringOf(members[place]));
  const laterInteger = (place: number) => (place < members.length ? integer(place) : undefined);
  return {
    parentHash: toHex(stringOf(members[places.parentHash])),
    stateRoot: toHex(stringOf(members[places.stateRoot])),
    height: bytesToNumber(stringOf(members[places.number])),
    timestampSec: bytesToNumber(stringOf(members[places.timestamp])),
    gasLimit: integer(places.gasLimit),
    gasUsed: integer(places.gasUsed),
    baseFee: laterInteger(later.baseFee),
    blobGasUsed: laterInteger(later.blobGasUsed),
    excessBlobGas: laterInteger(later.excessBlobGas),
    hasRequests: members.length > later.requestsHash,
  };
}

const producerPlace = 2;

/** Address of who made the block, lower-case, with 0x. @throws RlpFault */
export const producerOf = (rlp: Uint8Array): string => toHex(stringOf(splitList(rlp)[producerPlace]));

/** Members of the header as JSON-RPC names them. */
export function describeHeader(rlp: Uint8Array): Record<string, string> {
  const members = splitList(rlp);
  return Object.fromEntries(
    members.slice(0, MEMBERS.length).map((member, place) => {
      const [name, kind] = MEMBERS[place] as (typeof MEMBERS)[number];
      const bytes = stringOf(member);
      return [name, kind === 'data' ? toHex(bytes) : bytesToQuantity(bytes)];
    }),
  );
}
