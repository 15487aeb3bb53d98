import { Type } from 'typebox';
import { LedgerEntry } from './blockchain-ledger.contract.ts';
import { Hash32 } from './chain-schemas.ts';
import { defineContract, octets } from './contract.ts';
import { Count, Hash, SessionId, SessionParams } from './schemas.ts';

/** The arguments of the anchor contract's `registerSession`, and the final checkpoint that the entry carries beside them. */
export const RegisterSession = Type.Object(
  {
    sessionId: SessionId,
    manifestHash: Hash,
    startedAt: Count,
    owner: Type.String({ minLength: 1, maxLength: 4096 }),
    merkleRoot: Hash,
    chunkCount: Count,
    checkpoint: Type.String({ minLength: 1, maxLength: 65_536 }),
  },
  { additionalProperties: false },
);

/** The place of an entry in the ledger's log. */
const ledgerPlace = {
  ledger: Type.String(),
  index: Count,
  inclusion: Type.Array(Hash),
  checkpoint: Type.String(),
};

/** The session is an entry of the ledger's log. */
const LedgerAnchor = Type.Object({
  format: Type.Literal('lucid-anchor/1'),
  kind: Type.Literal('ledger'),
  entry: Type.String(),
  ...ledgerPlace,
});

/** The session was registered by a transaction of the chain; the entry is the header of its block. */
const ChainAnchor = Type.Object({
  format: Type.Literal('lucid-anchor/2'),
  kind: Type.Literal('chain'),
  chainId: Count,
  contract: Type.String({ description: 'address, 40 hex digits' }),
  header: Type.String({ description: 'base64 of the RLP of the block’s header' }),
  transactionIndex: Count,
  transactionProof: Type.Array(Type.String({ description: 'base64 of a node' })),
  receiptProof: Type.Array(Type.String({ description: 'base64 of a node' })),
  logIndex: Count,
  batch: Type.Optional(
    Type.Object({ count: Count, index: Count, leaf: Type.String(), path: Type.Array(Hash) }),
  ),
  ...ledgerPlace,
});

export const AnchorStatus = Type.Object({
  sessionId: SessionId,
  status: Type.Union([
    Type.Literal('pending'),
    Type.Literal('submitted'),
    Type.Literal('confirmed'),
    Type.Literal('failed'),
    Type.Literal('expired'),
  ]),
  attempts: Count,
  reason: Type.Optional(Type.String()),
  /** Where the session goes to the chain: the transaction that registers it, as far as it is known. */
  transactionHash: Type.Optional(Hash32),
  /** The block that holds it. */
  blockHeight: Type.Optional(Count),
  /** One of the two is present once confirmed: what a bundle carries. */
  anchor: Type.Optional(LedgerAnchor),
  chainAnchor: Type.Optional(ChainAnchor),
});

/** How far the head of an audit log is; `anchor` proves it once it is confirmed. */
export const AuditHeadStatus = Type.Object({
  ...{ entries: Count, hash: Hash },
  ...{ status: AnchorStatus.properties.status, attempts: Count },
  ...{ reason: AnchorStatus.properties.reason, anchor: AnchorStatus.properties.anchor },
});

export const onSystemChainClientContract = defineContract({
  service: 'on-system-chain-client',
  version: '1.0.0',
  summary: 'Anchors finished sessions and follows them to finality, exactly once per session.',
  basePath: '/api/v1',
  errors: {
    anchor_unknown: { status: 404, title: 'This session was never handed in to be anchored.' },
    anchor_conflict: { status: 409, title: 'This session is anchored already with other values.' },
    store_full: { status: 507, title: 'There is no room for the request; free some and try again.' },
    not_in_log: { status: 404, title: 'The ledger does not hold that, or not yet.' },
    ledger_unavailable: { status: 503, title: 'The ledger cannot be read now.' },
  },
  operations: {
    registerSession: {
      method: 'PUT',
      path: '/anchor/session',
      summary: 'Hands a finished session in; answers at once with its status; idempotent for equal values.',
      callers: ['session-orchestrator', 'blockchain-api'],
      body: RegisterSession,
      response: AnchorStatus,
      errors: ['anchor_conflict', 'store_full'],
      deadlineMs: 20_000,
    },
    getAnchor: {
      method: 'GET',
      path: '/anchor/:sessionId',
      summary: 'How far the anchor is, and the proof once it is final.',
      callers: ['session-orchestrator', 'operator', 'api-server'],
      params: SessionParams,
      response: AnchorStatus,
      errors: ['anchor_unknown'],
    },
    refreshAnchor: {
      method: 'PUT',
      path: '/anchor/:sessionId/refresh',
      summary: 'Asks for the newest proof of a confirmed anchor, which may carry more cosignatures.',
      callers: ['session-orchestrator', 'operator'],
      params: SessionParams,
      response: AnchorStatus,
      errors: ['anchor_unknown'],
    },
    registerDeletion: {
      method: 'PUT',
      path: '/anchor/deletion',
      summary: 'Puts the tombstone of a deleted session into the ledger; idempotent.',
      callers: ['session-orchestrator'],
      body: Type.Object(
        {
          sessionId: SessionId,
          manifestHash: Type.Optional(Hash),
          merkleRoot: Type.Optional(Hash),
          deletedAt: Count,
          by: Type.String({ minLength: 1, maxLength: 4096 }),
          reason: Type.String({ minLength: 1, maxLength: 4096 }),
        },
        { additionalProperties: false },
      ),
      response: AnchorStatus,
      errors: ['anchor_conflict', 'store_full'],
      deadlineMs: 20_000,
    },
    registerAuditHead: {
      method: 'PUT',
      path: '/anchor/audit-head',
      summary:
        'Puts the head of the audit log into the ledger, once per head; answers at once with its status.',
      callers: ['authentication'],
      body: Type.Object(
        {
          /** Entries that the hash stands for. */
          entries: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
          hash: Hash,
          /** Unix seconds. */
          at: Count,
        },
        { additionalProperties: false },
      ),
      response: AuditHeadStatus,
      errors: ['anchor_conflict', 'store_full'],
      deadlineMs: 20_000,
    },
    getDeletion: {
      method: 'GET',
      path: '/anchor/:sessionId/deletion',
      summary: 'How far the tombstone of a deleted session is, and its proof once it is final.',
      callers: ['session-orchestrator', 'operator', 'api-server'],
      params: SessionParams,
      response: AnchorStatus,
      errors: ['anchor_unknown'],
    },
    getLedgerCheckpoint: {
      method: 'GET',
      path: '/ledger/checkpoint',
      summary: 'The newest durable checkpoint of the ledger, for services that do not reach it.',
      callers: ['api-server', 'operator'],
      response: octets({ maxBytes: 65_536, mediaType: 'text/plain; charset=utf-8' }),
      errors: ['ledger_unavailable'],
    },
    getLedgerEntry: {
      method: 'GET',
      path: '/ledger/entries/:index',
      summary: 'An entry of the ledger with its proof in the newest tree; unverified.',
      callers: ['api-server', 'operator'],
      params: Type.Object({ index: Count }),
      response: LedgerEntry,
      errors: ['not_in_log', 'ledger_unavailable'],
    },
  },
});
