import { Type } from 'typebox';
import { Address, Hash32 } from './chain-schemas.ts';
import { defineContract } from './contract.ts';
import { Count, Hash, SessionId, SessionParams } from './schemas.ts';

/** Where on the chain an event stands. */
const EventPlace = {
  height: Count,
  blockHash: Hash32,
  /** Seconds since the Unix epoch, of the block. */
  timestampSec: Count,
  transactionHash: Hash32,
  transactionIndex: Count,
  /** Among the events of the block. */
  logIndex: Count,
};

const UInt32 = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });

export const SessionAnchor = Type.Object({
  sessionId: SessionId,
  manifestHash: Hash,
  /** Seconds since the Unix epoch. */
  startedAt: Count,
  /** Stands for the manifest's owner: 20 bytes of a TRON address, else the end of Keccak-256 of the text. */
  owner: Address,
  merkleRoot: Hash,
  chunkCount: UInt32,
  ...EventPlace,
});

export const ChunkEvent = Type.Object({
  event: Type.Union([
    Type.Literal('anchored'),
    Type.Literal('stored'),
    Type.Literal('status'),
    Type.Literal('total'),
    Type.Literal('complete'),
  ]),
  /** Whose list it is; absent for `anchored`, which belongs to nobody. */
  uploader: Type.Optional(Address),
  index: Type.Optional(UInt32),
  hash: Type.Optional(Hash),
  sizeBytes: Type.Optional(Count),
  status: Type.Optional(
    Type.Union([
      Type.Literal('stored'),
      Type.Literal('replicated'),
      Type.Literal('missing'),
      Type.Literal('deleted'),
    ]),
  ),
  /** Of `total`: how many there will be. Of `complete`: how many there are. */
  chunks: Type.Optional(UInt32),
  /** Of `complete`: the root over the list. */
  root: Type.Optional(Hash),
  ...EventPlace,
});

const page = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  /** `next` of the page before. */
  after: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
};
const Next = Type.Union([Type.String(), Type.Null()]);

/** What the manifest says; what is not given is not compared. */
const ManifestFields = {
  manifestHash: Type.Optional(Hash),
  startedAt: Type.Optional(Count),
  /** As the manifest has it. */
  owner: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
  merkleRoot: Type.Optional(Hash),
  chunkCount: Type.Optional(UInt32),
};

const BatchMember = Type.Object(
  {
    root: Hash,
    index: UInt32,
    /** RFC 9162 inclusion path of the session's leaf, lowest first. */
    path: Type.Array(Hash, { maxItems: 32 }),
  },
  { additionalProperties: false },
);

export const SessionVerdict = Type.Object({
  sessionId: SessionId,
  /** Header in the ledger's signed log, transaction and receipt in the header, event in the receipt, fields in the event: all hold. */
  verified: Type.Boolean(),
  faults: Type.Array(
    Type.Object({
      code: Type.String(),
      expected: Type.String(),
      found: Type.String(),
      message: Type.String(),
    }),
  ),
  ...EventPlace,
  batch: Type.Optional(Type.Object({ root: Hash, index: UInt32, count: UInt32 })),
});

export const IndexStatus = Type.Object({
  state: Type.Union([
    Type.Literal('following'),
    Type.Literal('behind'),
    Type.Literal('clearing'),
    Type.Literal('replaced'),
    Type.Literal('unreachable'),
  ]),
  /** Height of the newest block that the index has; null before the first. */
  indexedHeight: Type.Union([Count, Type.Null()]),
  /** Height of the ledger's newest block; null where it has none or does not answer. */
  headHeight: Type.Union([Count, Type.Null()]),
  /** Blocks that the index lacks. */
  lag: Type.Union([Count, Type.Null()]),
  genesisHash: Type.Union([Hash32, Type.Null()]),
  /** Blocks before it were pruned before they could be read. */
  completeFrom: Count,
});

const listErrors = ['chain_replaced', 'index_clearing'] as const;
/** Who asks for what is not there yet has the newest blocks indexed. */
const readErrors = [...listErrors, 'ledger_unavailable', 'store_full'] as const;

export const blockchainSessionsDataContract = defineContract({
  service: 'blockchain-sessions-data',
  version: '0.9.0',
  summary: 'What the chain says of sessions: their anchors and chunks by session and manifest, judged.',
  basePath: '/api/v1',
  errors: {
    session_unknown: {
      status: 404,
      title: 'The index holds no registration of this session; indexedHeight says how far it is.',
    },
    batch_unknown: { status: 404, title: 'The index holds no batch with this root.' },
    not_provable: {
      status: 409,
      title: 'The ledger has no proof of this transaction, or not yet; it may be pruned.',
    },
    chain_replaced: {
      status: 409,
      title:
        'The ledger holds another chain than the one that was indexed; the operator has it indexed anew.',
    },
    index_clearing: {
      status: 503,
      title: 'The index is being forgotten before it is made anew; try again soon.',
    },
    history_pruned: {
      status: 409,
      title: 'The ledger no longer keeps the blocks that the index was made from; it would lose what it has.',
    },
    ledger_unavailable: { status: 503, title: 'The ledger cannot be read now.' },
    store_full: { status: 507, title: 'There is no room for the index; free some and try again.' },
  },
  operations: {
    getSessionAnchor: {
      method: 'GET',
      path: '/sessions/:sessionId/anchor',
      summary: 'The registration of a session by itself, and where it stands.',
      callers: ['public'],
      params: SessionParams,
      response: SessionAnchor,
      errors: ['session_unknown', ...readErrors],
    },
    listSessions: {
      method: 'GET',
      path: '/sessions',
      summary: 'Registered sessions in the order of the chain, from a height on.',
      callers: ['public'],
      query: Type.Object(
        { fromHeight: Type.Optional(Count), toHeight: Type.Optional(Count), ...page },
        { additionalProperties: false },
      ),
      response: Type.Object({ sessions: Type.Array(SessionAnchor), next: Next }),
      errors: listErrors,
    },
    findManifest: {
      method: 'GET',
      path: '/manifests/:manifestHash',
      summary: 'Sessions that were registered with this manifest, the oldest first.',
      callers: ['public'],
      params: Type.Object({ manifestHash: Hash }),
      query: Type.Object(page, { additionalProperties: false }),
      response: Type.Object({ sessions: Type.Array(SessionAnchor), next: Next }),
      errors: listErrors,
    },
    listChunks: {
      method: 'GET',
      path: '/chunks/:sessionId',
      summary: 'What was said of a session’s chunks, in the order of the chain; anybody may say it.',
      callers: ['public'],
      params: SessionParams,
      query: Type.Object(page, { additionalProperties: false }),
      response: Type.Object({ events: Type.Array(ChunkEvent), next: Next }),
      errors: listErrors,
    },
    verifySession: {
      method: 'GET',
      path: '/verify/session/:sessionId',
      summary: 'Proves the session’s registration anew, and compares it with the fields that are given.',
      callers: ['public'],
      params: SessionParams,
      query: Type.Object(ManifestFields, { additionalProperties: false }),
      response: SessionVerdict,
      errors: ['session_unknown', 'not_provable', ...readErrors],
    },
    verifySessionFields: {
      method: 'POST',
      path: '/verify/session/:sessionId',
      summary: 'The same, also of a member of a batch; for that all fields are needed.',
      callers: ['public'],
      params: SessionParams,
      body: Type.Object(
        { ...ManifestFields, batch: Type.Optional(BatchMember) },
        { additionalProperties: false },
      ),
      response: SessionVerdict,
      errors: ['session_unknown', 'batch_unknown', 'not_provable', ...readErrors],
      idempotent: true,
    },
    getStatus: {
      method: 'GET',
      path: '/status',
      summary: 'How far the index is.',
      callers: ['public'],
      response: IndexStatus,
    },
    rebuild: {
      method: 'POST',
      path: '/rebuild',
      summary: 'Forgets the index and makes it anew from block 0; goes on after the answer.',
      callers: ['operator', 'blockchain-sessions-data'],
      response: IndexStatus,
      status: 202,
      errors: ['history_pruned', 'ledger_unavailable', 'store_full'],
      idempotent: true,
    },
  },
});
