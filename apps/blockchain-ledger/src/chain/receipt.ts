import { BLOOM_BYTES } from '@lucid/eth-proof';
import { bigintOf, bytesOf, listOf, RlpError, type RlpItem, readRlp } from './rlp.ts';

export interface Log {
  readonly address: Uint8Array;
  readonly topics: readonly Uint8Array[];
  readonly data: Uint8Array;
}

export interface Receipt {
  /** 0 for a legacy one. */
  readonly type: number;
  readonly cumulativeGasUsed: bigint;
  readonly bloom: Uint8Array;
  readonly logs: readonly Log[];
}

/**
 * A transaction as the trie holds it: a legacy one is a list itself, a typed one (EIP-2718) stands in a block as a
 * string of its type and payload.
 */
export function consensusBytes(item: RlpItem, what: string): Uint8Array {
  if (item.isList) return item.raw;
  const type = item.content[0];
  if (type === undefined || type === 0 || type > 0x7f) throw new RlpError(`${what} has no type of 1 to 127`);
  return item.content;
}

/** 0 for a legacy one, which begins with the prefix of a list. */
export const typeOf = (consensus: Uint8Array): number => {
  const first = consensus[0] ?? 0;
  return first > 0x7f ? 0 : first;
};

/** Throws `RlpError` where it is no receipt. The first field is a state root before Byzantium, a status since. */
export function readReceipt(consensus: Uint8Array): Receipt {
  const type = typeOf(consensus);
  const fields = listOf(readRlp(type === 0 ? consensus : consensus.subarray(1)), 'a receipt');
  if (fields.length !== 4) throw new RlpError(`a receipt has 4 fields, not ${fields.length}`);
  const outcome = bytesOf(fields[0], 'a receipt’s outcome');
  if (outcome.length > 1 && outcome.length !== 32) throw new RlpError('a receipt has no status');
  return {
    type,
    cumulativeGasUsed: bigintOf(fields[1], 'a receipt’s gas'),
    bloom: bytesOf(fields[2], 'a receipt’s bloom', BLOOM_BYTES),
    logs: listOf(fields[3], 'a receipt’s logs').map(readLog),
  };
}

function readLog(item: RlpItem): Log {
  const fields = listOf(item, 'a log');
  if (fields.length !== 3) throw new RlpError(`a log has 3 fields, not ${fields.length}`);
  const topics = listOf(fields[1], 'the topics of a log');
  if (topics.length > 4) throw new RlpError('a log has more than 4 topics');
  return {
    address: bytesOf(fields[0], 'the address of a log', 20),
    topics: topics.map((topic) => bytesOf(topic, 'a topic', 32)),
    data: bytesOf(fields[2], 'the data of a log'),
  };
}

/** How many logs a receipt has, without reading them. */
export function countLogs(consensus: Uint8Array): number {
  const fields = listOf(readRlp(typeOf(consensus) === 0 ? consensus : consensus.subarray(1)), 'a receipt');
  return listOf(fields[3], 'a receipt’s logs').length;
}
