/** The blocks of the chain, which the ledger keeps beside its log; part of its contract. */
import { Type } from 'typebox';
import { Address, BlockHead, ChainFault, Data, Hash32, HeightParams, Quantity } from './chain-schemas.ts';
import { octets } from './contract.ts';
import { EntryProof } from './ledger-schemas.ts';
import { Count } from './schemas.ts';

/** RLP [block, [receipt, …], [sender, …]], each a string of bytes (libs/chain-wire): block and receipts as Ethereum encodes them. */
const keptBlock = octets({ maxBytes: 64 * 1024 * 1024 });

export const ChainLog = Type.Object({
  address: Address,
  topics: Type.Array(Hash32),
  data: Data,
  height: Count,
  blockHash: Hash32,
  /** Seconds since the Unix epoch. */
  timestampSec: Count,
  transactionHash: Hash32,
  transactionIndex: Count,
  logIndex: Count,
});

/** `eth_getLogs`: a position of `topics` is null (any) or the hashes of which one must stand there. */
const LogFilter = Type.Object(
  {
    fromHeight: Count,
    toHeight: Count,
    addresses: Type.Optional(Type.Array(Address, { maxItems: 1000 })),
    topics: Type.Optional(
      Type.Array(Type.Union([Type.Null(), Type.Array(Hash32, { maxItems: 1000 })]), { maxItems: 4 }),
    ),
  },
  { additionalProperties: false },
);

/** A block's header in the log: base64 of its RLP, which is the entry, and the entry's proof. */
const HeaderProof = Type.Object({
  height: Count,
  blockHash: Hash32,
  header: Type.String({ description: 'base64 of the header’s RLP' }),
  entry: EntryProof,
});

/** Nodes of a Merkle-Patricia trie from the root down, base64. */
const TrieNodes = Type.Array(Type.String());

export const chainErrors = {
  block_conflict: { status: 409, title: 'The ledger holds another block at this height.' },
  block_out_of_order: { status: 409, title: 'The block does not follow the newest one.' },
  block_invalid: {
    status: 422,
    title: 'The block is no block, or its receipts are not those that it names.',
  },
  not_in_chain: { status: 404, title: 'No block holds that, or not yet.' },
  block_pruned: { status: 410, title: 'Only the header of this block is still kept.' },
  too_many_logs: { status: 422, title: 'More logs match than are given at once; ask for fewer blocks.' },
  chain_damaged: { status: 500, title: 'The store does not hold what the chain says.' },
  store_full: { status: 507, title: 'There is no room for the block; free some and try again.' },
} as const;

const readErrors = ['not_in_chain', 'block_pruned', 'ledger_unavailable', 'chain_damaged'] as const;

export const blockOperations = {
  putBlock: {
    method: 'PUT',
    path: '/chain/blocks/:height',
    summary: 'Keeps the next block with its receipts; answers when it is durable. Repeating is safe.',
    callers: ['on-system-chain'],
    params: HeightParams,
    body: keptBlock,
    response: BlockHead,
    errors: [
      'block_conflict',
      'block_out_of_order',
      'block_invalid',
      'store_full',
      'ledger_unavailable',
      'ledger_rolled_back',
      'chain_damaged',
    ],
    deadlineMs: 60_000,
  },
  getChainHead: {
    method: 'GET',
    path: '/chain/head',
    summary: 'The newest block, and the oldest whose body is kept.',
    callers: ['public'],
    cacheControl: 'no-cache',
    response: Type.Object({
      ...BlockHead.properties,
      timestampSec: Count,
      oldestBody: Count,
      transactions: Count,
    }),
    errors: ['not_in_chain', 'ledger_unavailable', 'chain_damaged'],
  },
  getBlock: {
    method: 'GET',
    path: '/chain/blocks/:height',
    summary: 'A block with receipts and senders.',
    callers: ['public'],
    params: HeightParams,
    response: keptBlock,
    errors: readErrors,
  },
  getHeader: {
    method: 'GET',
    path: '/chain/headers/:height',
    summary: 'RLP of a block’s header; kept for ever.',
    callers: ['public'],
    params: HeightParams,
    response: octets({ maxBytes: 65_535 }),
    errors: ['not_in_chain', 'ledger_unavailable', 'chain_damaged'],
  },
  locateBlock: {
    method: 'GET',
    path: '/chain/block-hashes/:blockHash',
    summary: 'Height of the block of a hash.',
    callers: ['public'],
    params: Type.Object({ blockHash: Hash32 }),
    response: Type.Object({ height: Count }),
    errors: ['not_in_chain', 'ledger_unavailable', 'chain_damaged'],
  },
  locateTransaction: {
    method: 'GET',
    path: '/chain/transactions/:transaction',
    summary: 'Where a transaction is.',
    callers: ['public'],
    params: Type.Object({ transaction: Hash32 }),
    response: Type.Object({ height: Count, index: Count }),
    errors: ['not_in_chain', 'ledger_unavailable', 'chain_damaged'],
  },
  findLogs: {
    method: 'POST',
    path: '/chain/logs',
    summary: 'Logs of a range of blocks, in their order; at most 10,000.',
    callers: ['public'],
    body: LogFilter,
    response: Type.Object({ logs: Type.Array(ChainLog) }),
    errors: [...readErrors, 'too_many_logs'],
    idempotent: true,
    deadlineMs: 30_000,
  },
  getHeaderProof: {
    method: 'GET',
    path: '/chain/proofs/headers/:height',
    summary: 'A block’s header, and the proof that the log holds it.',
    callers: ['public'],
    params: HeightParams,
    response: HeaderProof,
    errors: ['not_in_chain', 'not_in_log', 'ledger_unavailable', 'ledger_damaged', 'chain_damaged'],
  },
  getTransactionProof: {
    method: 'GET',
    path: '/chain/proofs/transactions/:transaction',
    summary:
      'A transaction and its receipt, proven up to the header, and the header up to the log’s checkpoint.',
    callers: ['public'],
    params: Type.Object({ transaction: Hash32 }),
    response: Type.Object({
      ...HeaderProof.properties,
      transactionIndex: Count,
      transactionProof: TrieNodes,
      receiptProof: TrieNodes,
      /** Logs of the block before this receipt's first one. */
      firstLogIndex: Count,
      gasUsed: Quantity,
    }),
    errors: [...readErrors, 'not_in_log', 'ledger_damaged'],
  },
  checkChain: {
    method: 'POST',
    path: '/chain/check',
    summary:
      'Recomputes everything that is kept of a range of blocks: hashes, roots, blooms, indexes, entries of the log.',
    callers: ['operator'],
    body: Type.Object(
      { fromHeight: Type.Optional(Count), toHeight: Type.Optional(Count) },
      { additionalProperties: false },
    ),
    response: Type.Object({
      blocks: Count,
      transactions: Count,
      faultsFound: Count,
      /** The first 1,000 of them. */
      faults: Type.Array(ChainFault),
    }),
    errors: ['not_in_chain', 'ledger_unavailable'],
    idempotent: true,
    deadlineMs: 900_000,
  },
  pruneBlocks: {
    method: 'POST',
    path: '/chain/prune',
    summary:
      'Removes bodies and receipts of all but the newest blocks; headers, and what the log holds, stay.',
    callers: ['operator'],
    body: Type.Object({ keepBlocks: Type.Integer({ minimum: 128 }) }, { additionalProperties: false }),
    response: Type.Object({ oldestBody: Count }),
    errors: ['not_in_chain', 'ledger_unavailable', 'chain_damaged'],
    idempotent: true,
    deadlineMs: 900_000,
  },
} as const;
