/** Receipts: legacy ones and those of typed transactions (EIP-2718: one byte of type before the RLP), types 1 to 4. */
import { assertBytes, equalBytes } from '@lucid/bytes';
import { bloomOf, type Log } from './bloom.ts';
import { splitTyped } from './envelope.ts';
import { EthProofError } from './error.ts';
import {
  asAddress,
  asBytes,
  asCounted,
  asHash,
  asInteger,
  asList,
  asSized,
  BLOOM_BYTES,
  U64_BYTES,
} from './fields.ts';
import { decodeRlp, type RlpItem } from './rlp.ts';

export interface Receipt {
  /** 0 for a legacy one. */
  readonly type: number;
  /** False where the transaction was rolled back; null before Byzantium, which says `postState` in its place. */
  readonly succeeded: boolean | null;
  readonly postState: Uint8Array | null;
  /** Of the block up to and with this transaction. */
  readonly cumulativeGasUsed: bigint;
  readonly logsBloom: Uint8Array;
  readonly logs: readonly Log[];
}

const MAX_TOPICS = 4;

function readLog(item: RlpItem, at: string): Log {
  const [address, topics, data] = asCounted(item, [3], at);
  const topicItems = asList(topics, `${at}.topics`);
  if (topicItems.length > MAX_TOPICS)
    throw new EthProofError(
      'wrong_count',
      `${at}.topics`,
      `${topicItems.length} topics, at most 4 are allowed`,
    );
  return {
    address: asAddress(address, `${at}.address`),
    topics: topicItems.map((topic, index) => asHash(topic, `${at}.topics[${index}]`)),
    data: asBytes(data, `${at}.data`),
  };
}

function readOutcome(item: RlpItem | undefined): Pick<Receipt, 'succeeded' | 'postState'> {
  const bytes = asBytes(item, 'receipt.status');
  if (bytes.length === 32) return { succeeded: null, postState: bytes };
  const status = asInteger(bytes, 1, 'receipt.status');
  if (status > 1n) throw new EthProofError('wrong_value', 'receipt.status', `${status} where 0 or 1 belongs`);
  return { succeeded: status === 1n, postState: null };
}

/** The value of a receipts trie. @throws EthProofError, also where the bloom filter is not that of the logs. */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  assertBytes(bytes, 'decodeReceipt');
  const { type, payload } = splitTyped(bytes, 'receipt');
  const [status, gas, bloom, logItems] = asCounted(decodeRlp(payload, 'receipt'), [4], 'receipt');
  const outcome = readOutcome(status);
  if (type > 0 && outcome.postState !== null)
    throw new EthProofError('wrong_value', 'receipt.status', 'a state root, which no typed receipt has');
  const cumulativeGasUsed = asInteger(gas, U64_BYTES, 'receipt.cumulativeGasUsed');
  const logsBloom = asSized(bloom, BLOOM_BYTES, 'receipt.logsBloom');
  const logs = asList(logItems, 'receipt.logs').map((item, at) => readLog(item, `receipt.logs[${at}]`));
  if (!equalBytes(logsBloom, bloomOf(logs)))
    throw new EthProofError('bloom_differs', 'receipt.logsBloom', 'not the bloom filter of the logs');
  return { type, ...outcome, cumulativeGasUsed, logsBloom, logs };
}
