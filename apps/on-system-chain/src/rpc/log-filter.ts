/** Which logs somebody asks for: `eth_getLogs`, `eth_newFilter`, the subscription `logs`. */

import { toQuantity } from '@lucid/chain-wire';
import type { blockchainLedgerContract, OutputOf } from '@lucid/contracts';
import { describeLog } from '../formats/receipt.ts';
import { headOf, heightOf, type RpcNode } from './node.ts';
import {
  type BlockTag,
  parameter,
  readAddress,
  readArray,
  readBlockNumber,
  readHash,
  readObject,
} from './parameters.ts';
import { codes, ParameterError, RpcError } from './rpc-error.ts';

const mostAlternatives = 1_000;

export interface LogFilter {
  readonly fromBlock: BlockTag | number | undefined;
  readonly toBlock: BlockTag | number | undefined;
  readonly blockHash: string | undefined;
  /** Any where empty. */
  readonly addresses: readonly string[];
  /** Of each position the hashes of which one must stand there; null is any. */
  readonly topics: readonly (readonly string[] | null)[];
}

const isAbsent = (value: unknown): value is undefined | null => value === undefined || value === null;

function readAddresses(value: unknown): string[] {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? readArray(value, mostAlternatives).map(readAddress) : [readAddress(value)];
}

function readTopic(value: unknown): string[] | null {
  if (isAbsent(value)) return null;
  if (!Array.isArray(value)) return [readHash(value)];
  const alternatives = readArray(value, mostAlternatives);
  // One that may be anything makes the others useless.
  return alternatives.length === 0 || alternatives.some(isAbsent) ? null : alternatives.map(readHash);
}

function readTopics(value: unknown): (string[] | null)[] {
  if (isAbsent(value)) return [];
  const topics = readArray(value, 1_000);
  if (topics.length > 4) throw new ParameterError('exceed max topics');
  return topics.map(readTopic);
}

export const logFilter = parameter((value): LogFilter => {
  const { fromBlock, toBlock, blockHash, address, topics } = readObject(value);
  if (!isAbsent(blockHash) && !(isAbsent(fromBlock) && isAbsent(toBlock)))
    throw new ParameterError('cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other');
  return {
    fromBlock: isAbsent(fromBlock) ? undefined : readBlockNumber(fromBlock),
    toBlock: isAbsent(toBlock) ? undefined : readBlockNumber(toBlock),
    blockHash: isAbsent(blockHash) ? undefined : readHash(blockHash),
    addresses: readAddresses(address),
    topics: readTopics(topics),
  };
});

type KeptLog = OutputOf<(typeof blockchainLedgerContract)['operations']['findLogs']>['logs'][number];
type LogObject = ReturnType<typeof describeLog>;

const describeKept = (log: KeptLog): LogObject =>
  describeLog(
    log,
    {
      blockHash: log.blockHash,
      blockNumber: toQuantity(log.height),
      blockTimestamp: toQuantity(log.timestampSec),
      transactionHash: log.transactionHash,
      transactionIndex: toQuantity(log.transactionIndex),
    },
    log.logIndex,
  );

/** Logs of a range of blocks, from the ledger's index. */
export async function findLogs(
  { ledger }: RpcNode,
  { addresses, topics }: LogFilter,
  range: { readonly fromHeight: number; readonly toHeight: number },
): Promise<LogObject[]> {
  const body = {
    ...range,
    ...(addresses.length > 0 ? { addresses: [...addresses] } : {}),
    ...(topics.length > 0 ? { topics: topics.map((each) => each && [...each]) } : {}),
  };
  return (await ledger.findLogs({ body })).logs.map(describeKept);
}

/** The range that a filter names. @throws RpcError in geth's words */
export async function rangeOf(
  node: RpcNode,
  filter: LogFilter,
): Promise<{ fromHeight: number; toHeight: number }> {
  if (filter.blockHash !== undefined) {
    const height = await heightOf(node, { hash: filter.blockHash });
    if (height === null) throw new RpcError(codes.server, 'unknown block');
    return { fromHeight: height, toHeight: height };
  }
  const { height: newest } = headOf(node);
  const heightFrom = (id: BlockTag | number | undefined): number =>
    typeof id === 'number' ? id : id === 'earliest' ? 0 : newest;
  const fromHeight = heightFrom(filter.fromBlock);
  const toHeight = heightFrom(filter.toBlock);
  if (fromHeight > toHeight) throw new ParameterError('invalid block range params');
  if (toHeight > newest) throw new ParameterError('block range extends beyond current head block');
  return { fromHeight, toHeight };
}

/** Whether a log is one of those, wherever it is. */
export function matches({ addresses, topics }: LogFilter, log: LogObject): boolean {
  if (addresses.length > 0 && !addresses.includes(log.address)) return false;
  return topics.every((each, at) => {
    if (each === null) return true;
    const topic = log.topics[at];
    return topic !== undefined && each.includes(topic);
  });
}
