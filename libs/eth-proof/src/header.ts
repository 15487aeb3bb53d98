/**
 * Block headers of every fork. Each fork that changed the header added members behind the others, so their number tells which are there:
 * 15 from Frontier on, 16 London (EIP-1559), 17 Shanghai (4895), 20 Cancun (4844, 4788), 21 Prague (7685), 23 Amsterdam (7928, 7843).
 */
import {
  ADDRESS_BYTES,
  asBytes,
  asCounted,
  asInteger,
  asSized,
  BLOOM_BYTES,
  HASH_BYTES,
  U64_BYTES,
  U256_BYTES,
} from './fields.ts';
import { keccak256 } from './keccak.ts';
import { decodeRlp, encodeRlp, integerToBytes, type RlpItem } from './rlp.ts';

export interface BlockHeader {
  readonly parentHash: Uint8Array;
  readonly ommersHash: Uint8Array;
  /** 20 bytes: who gets the fees. */
  readonly coinbase: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  /** 256 bytes. */
  readonly logsBloom: Uint8Array;
  readonly difficulty: bigint;
  readonly number: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  readonly extraData: Uint8Array;
  /** Since the merge: the random value of the beacon chain. */
  readonly mixHash: Uint8Array;
  /** 8 bytes. */
  readonly nonce: Uint8Array;
  /** Wei. */
  readonly baseFeePerGas?: bigint;
  readonly withdrawalsRoot?: Uint8Array;
  readonly blobGasUsed?: bigint;
  readonly excessBlobGas?: bigint;
  readonly parentBeaconBlockRoot?: Uint8Array;
  readonly requestsHash?: Uint8Array;
  readonly blockAccessListHash?: Uint8Array;
  readonly slotNumber?: bigint;
}

type Kind = { readonly bytes: number } | { readonly integer: number } | 'any';

const HASH = { bytes: HASH_BYTES } as const;
const U64 = { integer: U64_BYTES } as const;
const U256 = { integer: U256_BYTES } as const;

const MEMBERS: readonly (readonly [keyof BlockHeader, Kind])[] = [
  ['parentHash', HASH],
  ['ommersHash', HASH],
  ['coinbase', { bytes: ADDRESS_BYTES }],
  ['stateRoot', HASH],
  ['transactionsRoot', HASH],
  ['receiptsRoot', HASH],
  ['logsBloom', { bytes: BLOOM_BYTES }],
  ['difficulty', U256],
  ['number', U64],
  ['gasLimit', U64],
  ['gasUsed', U64],
  ['timestamp', U64],
  ['extraData', 'any'],
  ['mixHash', HASH],
  ['nonce', { bytes: 8 }],
  ['baseFeePerGas', U256],
  ['withdrawalsRoot', HASH],
  ['blobGasUsed', U64],
  ['excessBlobGas', U64],
  ['parentBeaconBlockRoot', HASH],
  ['requestsHash', HASH],
  ['blockAccessListHash', HASH],
  ['slotNumber', U64],
];
const COUNTS = [15, 16, 17, 20, 21, 23] as const;

function readMember(kind: Kind, item: RlpItem | undefined, at: string): Uint8Array | bigint {
  if (kind === 'any') return asBytes(item, at);
  return 'bytes' in kind ? asSized(item, kind.bytes, at) : asInteger(item, kind.integer, at);
}

/** @throws EthProofError; what it takes, `encodeHeader` gives back byte by byte. */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  const items = asCounted(decodeRlp(bytes, 'header'), COUNTS, 'header');
  const entries = MEMBERS.slice(0, items.length).map(([name, kind], at) => [
    name,
    readMember(kind, items[at], `header.${name}`),
  ]);
  return Object.fromEntries(entries) as BlockHeader;
}

/** @throws RangeError where a member is missing before one that is there. */
export function encodeHeader(header: BlockHeader): Uint8Array {
  const values = MEMBERS.map(([name]) => header[name]);
  const count = values.findLastIndex((value) => value !== undefined) + 1;
  const items = values.slice(0, count).map((value, at) => {
    if (value === undefined) throw new RangeError(`encodeHeader: ${MEMBERS[at]?.[0]} is missing`);
    return typeof value === 'bigint' ? integerToBytes(value) : value;
  });
  return encodeRlp(items);
}

/** The hash of a block: Keccak-256 of its header's RLP. */
export const blockHash = (headerRlp: Uint8Array): Uint8Array => keccak256(headerRlp);
