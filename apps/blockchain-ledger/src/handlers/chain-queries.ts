import { bytesToBase64 } from '@lucid/bytes';
import { fromHex, toHex } from '@lucid/chain-wire';
import type { Chain } from '../chain/chain.ts';
import { checkChain } from '../chain/chain-check.ts';
import { ChainError, damaged } from '../chain/chain-error.ts';
import { type FoundLog, findLogs } from '../chain/log-finder.ts';
import { proveTransaction } from '../chain/proofs.ts';
import { pruneBlocks } from '../chain/pruner.ts';
import type { HeaderRecord } from '../chain/store-layout.ts';
import type { LedgerContext } from '../context.ts';
import { blockEntryKey } from '../header-entries.ts';
import { onChain } from './chain-problems.ts';
import { readKeyedEntry } from './read.ts';

interface LogFilter {
  readonly fromHeight: number;
  readonly toHeight: number;
  readonly addresses?: readonly string[] | undefined;
  readonly topics?: readonly (readonly string[] | null)[] | undefined;
}

export const searchLogs = (context: LedgerContext, filter: LogFilter, signal: AbortSignal) =>
  onChain(context, async (chain) => {
    const { fromHeight, toHeight, addresses = [], topics = [] } = filter;
    const query = {
      fromHeight,
      toHeight,
      addresses: addresses.map(fromHex),
      topics: topics.map((items) => (items ?? []).map(fromHex)),
    };
    return { logs: (await findLogs(chain, query, signal)).map(toChainLog) };
  });

const toChainLog = (log: FoundLog) => ({
  address: toHex(log.address),
  topics: log.topics.map((topic) => toHex(topic)),
  data: toHex(log.data),
  height: log.height,
  blockHash: toHex(log.blockHash),
  timestampSec: log.timestampSec,
  transactionHash: toHex(log.transactionHash),
  transactionIndex: log.transactionIndex,
  logIndex: log.logIndex,
});

export const proveHeader = (context: LedgerContext, height: number) =>
  onChain(context, async (chain) => headerProof(context, { height, header: await chain.header(height) }));

async function headerProof(
  context: LedgerContext,
  { height, header }: { height: number; header: HeaderRecord },
) {
  const { proof, data } = await readKeyedEntry(context, blockEntryKey(height));
  if (Buffer.compare(data, header.headerRlp) !== 0)
    throw damaged(`the log holds another header of block ${height}`);
  return {
    height,
    blockHash: toHex(header.blockHash),
    header: bytesToBase64(header.headerRlp),
    entry: proof,
  };
}

export const proveTransactionOf = (context: LedgerContext, transaction: string) =>
  onChain(context, async (chain) => {
    const proof = await proveTransaction(chain, fromHex(transaction));
    return {
      ...(await headerProof(context, proof)),
      transactionIndex: proof.index,
      transactionProof: proof.transactionNodes.map(bytesToBase64),
      receiptProof: proof.receiptNodes.map(bytesToBase64),
      firstLogIndex: proof.firstLogIndex,
      gasUsed: `0x${proof.gasUsed.toString(16)}`,
    };
  });

/** A chain whose head cannot be read is a finding, too. */
export const checkBlocks = (
  context: LedgerContext,
  range: { fromHeight?: number | undefined; toHeight?: number | undefined },
  signal: AbortSignal,
) =>
  onChain(context, (chain: Chain) => checkChain(chain, range, signal)).catch(
    (problem: { cause?: unknown }) => {
      const { cause } = problem;
      if (!(cause instanceof ChainError) || !isFinding(cause)) throw problem;
      const fault = { what: 'head', where: 'store', found: cause.message };
      return { blocks: 0, transactions: 0, faultsFound: 1, faults: [fault] };
    },
  );

const isFinding = ({ code }: ChainError): boolean => code === 'chain_damaged' || code === 'chain_rolled_back';

export const prune = (context: LedgerContext, keepBlocks: number) =>
  onChain(context, async (chain) => ({ oldestBody: await pruneBlocks(chain, keepBlocks) }));
