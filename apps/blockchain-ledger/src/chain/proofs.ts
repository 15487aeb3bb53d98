import type { Chain } from './chain.ts';
import { damaged } from './chain-error.ts';
import { receiptsOf } from './chain-store.ts';
import { readHeader } from './header.ts';
import { readBody } from './kept-block.ts';
import { orderedTrieProof } from './ordered-trie.ts';
import { readReceipt } from './receipt.ts';
import type { HeaderRecord } from './store-layout.ts';

export interface TransactionProof {
  readonly height: number;
  readonly index: number;
  readonly header: HeaderRecord;
  /** Nodes from the root down. */
  readonly transactionNodes: readonly Uint8Array[];
  readonly receiptNodes: readonly Uint8Array[];
  /** Logs of the block before this receipt's first one. */
  readonly firstLogIndex: number;
  readonly gasUsed: bigint;
}

/** Built anew from the stored body, which is thereby judged by its header. */
export async function proveTransaction(chain: Chain, hash: Uint8Array): Promise<TransactionProof> {
  const { height, index } = await chain.locateTransaction(hash);
  const header = await chain.header(height);
  const { transactions, receipts, logsBefore } = await chain.body(height, () =>
    readParts(chain, height, header),
  );
  const named = readHeader(header.headerRlp);
  const { keccak } = chain.store;
  const transaction = transactions[index];
  if (!transaction || Buffer.compare(keccak(transaction), hash) !== 0)
    throw damaged(`the index of transactions says ${index} of block ${height}, which is another one`);
  const one = orderedTrieProof(keccak, transactions, index);
  const other = orderedTrieProof(keccak, receipts, index);
  assertRoot(one.root, named.transactionsRoot, `transactions of block ${height}`);
  assertRoot(other.root, named.receiptsRoot, `receipts of block ${height}`);
  const gasAfter = (at: number): bigint =>
    at < 0 ? 0n : readReceipt(receipts[at] as Uint8Array).cumulativeGasUsed;
  return {
    height,
    index,
    header,
    transactionNodes: one.nodes,
    receiptNodes: other.nodes,
    firstLogIndex: logsBefore(index),
    gasUsed: gasAfter(index) - gasAfter(index - 1),
  };
}

async function readParts(chain: Chain, height: number, header: HeaderRecord) {
  const [body, chunks] = await Promise.all([
    chain.store.readBody(height),
    chain.store.readAllReceipts(height, header.transactions),
  ]);
  const receipts = chunks.flatMap((chunk) => receiptsOf(chunk, height));
  if (receipts.length !== header.transactions) throw damaged(`receipts of block ${height} are not complete`);
  return {
    transactions: bodyOf(body, height),
    receipts,
    logsBefore: (index: number) =>
      receipts.slice(0, index).reduce((sum, receipt) => sum + readReceipt(receipt).logs.length, 0),
  };
}

function bodyOf(body: Uint8Array, height: number): readonly Uint8Array[] {
  try {
    return readBody(body).transactions;
  } catch (cause) {
    throw damaged(`body of block ${height} is no body`, cause);
  }
}

function assertRoot(root: Uint8Array, named: Uint8Array, what: string): void {
  if (Buffer.compare(root, named) !== 0)
    throw damaged(`${what} do not hash to the root that the header names`);
}
