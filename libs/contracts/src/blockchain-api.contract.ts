import { Type } from 'typebox';
import {
  AnchoringClaim,
  Balance,
  BlockSummary,
  BlockVerdict,
  ChainInfo,
  ChainPoint,
  ChainState,
  ConsensusStatus,
  NetworkInfo,
  ReadableBlock,
  ReadableTransaction,
  WaitingTransaction,
} from './blockchain-api-schemas.ts';
import { IndexStatus, SessionAnchor, SessionVerdict } from './blockchain-sessions-data.contract.ts';
import { Address, Data, Hash32, HeightParams } from './chain-schemas.ts';
import { defineContract } from './contract.ts';
import { AnchorStatus, RegisterSession } from './on-system-chain-client.contract.ts';
import { Count, Hash, SessionParams } from './schemas.ts';

const strict = { additionalProperties: false } as const;
/** Requests of one JSON-RPC batch on the read-only face. */
export const RPC_BATCH_READ = 20;
const RawTransaction = Type.String({
  pattern: '^0x([0-9a-f]{2})+$',
  maxLength: 2 + 2 * 102_400,
  description: 'signed transaction (EIP-2718), 0x and lower-case hex',
});

const errors = {
  block_unknown: { status: 404, title: 'The chain has no such block, or not yet.' },
  block_pruned: { status: 410, title: 'Only the header of this block is still kept.' },
  transaction_unknown: { status: 404, title: 'No block holds this transaction, and it does not wait.' },
  state_unknown: { status: 404, title: 'The state at this height is not kept, or there is no such block.' },
  session_unknown: { status: 404, title: 'The chain holds no registration of this session, or not yet.' },
  batch_unknown: { status: 404, title: 'The chain holds no batch with this root, or not yet.' },
  not_provable: { status: 409, title: 'The ledger has no proof of this registration, or not yet.' },
  index_unreadable: {
    status: 503,
    title: 'The index of sessions is of another chain, or is being made anew; it cannot be read now.',
  },
  chain_unavailable: { status: 503, title: 'The chain cannot be read now.' },
} as const;

const writeErrors = {
  transaction_refused: {
    status: 422,
    title: 'The chain does not take this transaction; the detail says why.',
  },
  anchor_conflict: { status: 409, title: 'This session is anchored already with other values.' },
  store_full: { status: 507, title: 'There is no room for the request; free some and try again.' },
  anchoring_unavailable: {
    status: 503,
    title: 'on-system-chain-client, which anchors sessions, does not answer, or is no part of this host.',
  },
} as const;

const indexErrors = ['index_unreadable', 'chain_unavailable'] as const;
const proofErrors = ['session_unknown', 'not_provable', ...indexErrors] as const;
const blockErrors = ['block_unknown', 'block_pruned', 'chain_unavailable'] as const;
const callers = ['public'] as const;

const queries = {
  getInfo: {
    method: 'GET',
    path: '/chain/info',
    summary: 'What chain this is, and how far.',
    callers,
    response: ChainInfo,
    errors: ['chain_unavailable'],
  },
  getStatus: {
    method: 'GET',
    path: '/chain/status',
    summary: 'Head, and what waits.',
    callers,
    response: ChainState,
    errors: ['chain_unavailable'],
  },
  getHeight: {
    method: 'GET',
    path: '/chain/height',
    summary: 'The newest block’s height.',
    callers,
    response: ChainPoint,
    errors: ['chain_unavailable'],
  },
  getNetwork: {
    method: 'GET',
    path: '/chain/network',
    summary: 'Name, id and prices.',
    callers,
    response: NetworkInfo,
    errors: ['chain_unavailable'],
  },
  getBalance: {
    method: 'GET',
    path: '/chain/balance/:address',
    summary: 'Balance and nonce of an account, now or at a height.',
    callers,
    params: Type.Object({ address: Address }),
    query: Type.Object({ height: Type.Optional(Count) }, strict),
    response: Balance,
    errors: ['state_unknown', 'chain_unavailable'],
  },
  listBlocks: {
    method: 'GET',
    path: '/blocks',
    summary: 'Blocks, the newest first; `before` is the `next` of the page before.',
    callers,
    query: Type.Object(
      {
        before: Type.Optional(Count),
        limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
      },
      strict,
    ),
    response: Type.Object({ blocks: Type.Array(BlockSummary), next: Type.Union([Count, Type.Null()]) }),
    errors: ['chain_unavailable'],
  },
  getLatestBlock: {
    method: 'GET',
    path: '/blocks/latest',
    summary: 'The newest block.',
    callers,
    response: ReadableBlock,
    errors: ['chain_unavailable'],
  },
  getBlockByHeight: {
    method: 'GET',
    path: '/blocks/height/:height',
    summary: 'The block of a height.',
    callers,
    params: HeightParams,
    response: ReadableBlock,
    errors: blockErrors,
  },
  getBlock: {
    method: 'GET',
    path: '/blocks/:blockHash',
    summary: 'The block of a hash.',
    callers,
    params: Type.Object({ blockHash: Hash32 }),
    response: ReadableBlock,
    errors: blockErrors,
  },
  listPending: {
    method: 'GET',
    path: '/transactions/pending',
    summary: 'Transactions that wait for a block.',
    callers,
    query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }) }, strict),
    response: Type.Object({ total: Count, transactions: Type.Array(WaitingTransaction) }),
    errors: ['chain_unavailable'],
  },
  getTransaction: {
    method: 'GET',
    path: '/transactions/:transaction',
    summary: 'A transaction, and what became of it.',
    callers,
    params: Type.Object({ transaction: Hash32 }),
    response: ReadableTransaction,
    errors: ['transaction_unknown', 'block_pruned', 'chain_unavailable'],
  },
  getAnchoring: {
    method: 'GET',
    path: '/anchoring/session/:sessionId',
    summary: 'The registration of a session.',
    callers,
    params: SessionParams,
    response: SessionAnchor,
    errors: ['session_unknown', ...indexErrors],
  },
  getAnchoringStatus: {
    method: 'GET',
    path: '/anchoring/status',
    summary: 'How far the index of sessions is.',
    callers,
    response: IndexStatus,
    errors: ['chain_unavailable'],
  },
  getConsensusStatus: {
    method: 'GET',
    path: '/consensus/status',
    summary: 'Who makes blocks, and when they are final.',
    callers,
    response: ConsensusStatus,
    errors: ['chain_unavailable'],
  },
  validateMerkle: {
    method: 'GET',
    path: '/merkle/validation/:sessionId',
    summary: 'Proves a session’s registration anew; with a root, that it is the registered one.',
    callers,
    params: SessionParams,
    query: Type.Object({ merkleRoot: Type.Optional(Hash) }, strict),
    response: SessionVerdict,
    errors: proofErrors,
  },
  rpc: {
    method: 'POST',
    path: '/rpc',
    summary:
      'JSON-RPC 2.0 of the chain’s node. The read-only face has methods that read alone, and batches of 20.',
    callers,
    body: Type.Unknown(),
    response: Type.Unknown(),
    errors: ['chain_unavailable'],
    idempotent: false,
    deadlineMs: 30_000,
  },
} as const;

const writes = {
  validateBlock: {
    method: 'POST',
    path: '/blocks/validate',
    summary: 'Whether a block (RLP) is the one that this chain has at its height.',
    callers,
    body: Type.Object({ block: Data }, strict),
    response: BlockVerdict,
    errors: ['chain_unavailable'],
    idempotent: true,
  },
  submitTransaction: {
    method: 'POST',
    path: '/transactions',
    summary: 'Takes a signed transaction; answers when it will not be lost. Repeating is safe.',
    callers,
    body: Type.Object({ raw: RawTransaction }, strict),
    response: Type.Object({ transactionHash: Hash32 }),
    status: 202,
    errors: ['transaction_refused', 'chain_unavailable'],
    idempotent: true,
  },
  submitTransactions: {
    method: 'POST',
    path: '/transactions/batch',
    summary: 'Up to 100 signed transactions in their order; each is taken or refused by itself.',
    callers,
    body: Type.Object({ raw: Type.Array(RawTransaction, { minItems: 1, maxItems: 100 }) }, strict),
    response: Type.Object({
      results: Type.Array(
        Type.Object({
          /** Present where it was taken. */
          transactionHash: Type.Optional(Hash32),
          /** Why it was refused. */
          refused: Type.Optional(Type.String()),
        }),
      ),
    }),
    status: 202,
    errors: ['chain_unavailable'],
    idempotent: true,
  },
  registerSession: {
    method: 'POST',
    path: '/anchoring/session',
    summary:
      'Hands a finished session in to be registered; answers at once how far that is. Equal values may come again: it is done once, and the answer tells how it went on.',
    // It is paid from this node’s account, and whose session it is nobody proves here.
    callers: ['operator'],
    body: RegisterSession,
    response: AnchorStatus,
    status: 202,
    errors: ['anchor_conflict', 'store_full', 'anchoring_unavailable'],
    idempotent: true,
    deadlineMs: 25_000,
  },
  verifyAnchoring: {
    method: 'POST',
    path: '/anchoring/verify',
    summary: 'Proves the registration of a session, or of a member of a batch, and compares it.',
    callers,
    body: AnchoringClaim,
    response: SessionVerdict,
    errors: ['batch_unknown', ...proofErrors],
    idempotent: true,
  },
  buildTree: {
    method: 'POST',
    path: '/merkle/build',
    summary: 'Root of the RFC 9162 tree over these leaf hashes, and the path of one of them.',
    callers,
    body: Type.Object(
      {
        leafHashes: Type.Array(Hash, { minItems: 1, maxItems: 10_000 }),
        index: Type.Optional(Type.Integer({ minimum: 0, maximum: 9_999 })),
      },
      strict,
    ),
    response: Type.Object({ size: Count, root: Hash, path: Type.Optional(Type.Array(Hash)) }),
    idempotent: true,
  },
  verifyTree: {
    method: 'POST',
    path: '/merkle/verify',
    summary: 'Whether a path leads from a leaf hash to the root of a tree of a size (RFC 9162).',
    callers,
    body: Type.Object(
      { leafHash: Hash, index: Count, size: Count, path: Type.Array(Hash, { maxItems: 64 }), root: Hash },
      strict,
    ),
    response: Type.Object({ valid: Type.Boolean() }),
    idempotent: true,
  },
} as const;

export const blockchainApiContract = defineContract({
  service: 'blockchain-api',
  version: '0.9.0',
  summary: 'The chain in readable JSON: blocks, transactions, anchors, trees, JSON-RPC.',
  basePath: '/api/v1',
  errors: { ...errors, ...writeErrors },
  operations: { ...queries, ...writes },
});

/** What of it may be asked from outside the network of the chain: nothing here changes anything. */
export const blockchainApiReadContract = defineContract({
  service: 'blockchain-api-read',
  version: '0.9.0',
  summary: 'The chain in readable JSON, to be read only.',
  basePath: '/api/v1',
  errors,
  operations: queries,
});
