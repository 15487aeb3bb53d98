import { Type } from 'typebox';
import { defineContract, octets } from './contract.ts';
import { Count, Hash, SessionId, SessionParams } from './schemas.ts';

export const Tree = Type.Object({
  sessionId: SessionId,
  size: Count,
  root: Hash,
  /** Text of the newest signed checkpoint; absent before the first. */
  checkpoint: Type.Optional(Type.String()),
  final: Type.Boolean(),
});

export const merkleBuilderContract = defineContract({
  service: 'merkle-builder',
  version: '1.0.0',
  summary: 'The live tree of every session: leaves, signed checkpoints, proofs.',
  basePath: '/api/v1',
  errors: {
    tree_unknown: { status: 404, title: 'No leaf of this session was handed in yet.' },
    tree_final: { status: 409, title: 'The tree is final; no leaf can be added.' },
    leaf_conflict: {
      status: 409,
      title: 'Another leaf stands at this position; the record was changed or re-sent differently.',
    },
    leaf_gap: { status: 409, title: 'Leaves are handed in without gap; the expected position is told.' },
    leaf_unknown: { status: 404, title: 'A tree of this size has no leaf at this position.' },
    size_unknown: { status: 404, title: 'The tree was never of this size.' },
    checkpoint_missing: {
      status: 404,
      title: 'No checkpoint of this tree was signed yet; one comes within seconds.',
    },
    store_full: { status: 507, title: 'There is no room for the tree; free some and try again.' },
    tree_damaged: {
      status: 500,
      title: 'The stored tree contradicts what was signed; nothing is added, signed or proven from it.',
    },
    size_mismatch: { status: 409, title: 'The tree has another size than the one to be made final.' },
  },
  operations: {
    appendLeaves: {
      method: 'PUT',
      path: '/trees/:sessionId/leaves',
      summary: 'Adds leaf hashes from a position on; leaves known already are compared and skipped.',
      callers: ['session-encryptor', 'session-orchestrator'],
      params: SessionParams,
      query: Type.Object({ firstIndex: Count }, { additionalProperties: false }),
      /** 32 bytes a leaf, back to back. */
      body: octets({ maxBytes: 32 * 65_536 }),
      response: Type.Object({ size: Count }),
      errors: ['tree_final', 'leaf_conflict', 'leaf_gap', 'tree_damaged', 'store_full'],
    },
    getTree: {
      method: 'GET',
      path: '/trees/:sessionId',
      summary: 'Size, root and newest checkpoint.',
      callers: ['session-orchestrator', 'session-encryptor', 'operator', 'session-api'],
      params: SessionParams,
      response: Tree,
      errors: ['tree_unknown'],
    },
    getCheckpoint: {
      method: 'GET',
      path: '/trees/:sessionId/checkpoint',
      summary: 'The newest signed checkpoint as a signed note.',
      callers: ['session-orchestrator', 'operator', 'session-api'],
      params: SessionParams,
      response: octets({ maxBytes: 65_536, mediaType: 'text/plain; charset=utf-8' }),
      errors: ['tree_unknown', 'checkpoint_missing'],
    },
    getLeaves: {
      method: 'GET',
      path: '/trees/:sessionId/leaves',
      summary: 'Leaf hashes from a position on, 32 bytes each.',
      callers: ['session-orchestrator', 'operator', 'session-api'],
      params: SessionParams,
      query: Type.Object(
        { firstIndex: Count, limit: Type.Integer({ minimum: 1, maximum: 65_536 }) },
        { additionalProperties: false },
      ),
      response: octets({ maxBytes: 32 * 65_536 }),
      errors: ['tree_unknown', 'tree_damaged'],
    },
    inclusionProof: {
      method: 'GET',
      path: '/trees/:sessionId/proofs/inclusion',
      summary: 'RFC 9162 inclusion proof of a leaf in the tree of a size (default: now).',
      callers: ['session-orchestrator', 'operator', 'session-api'],
      params: SessionParams,
      query: Type.Object({ index: Count, size: Type.Optional(Count) }, { additionalProperties: false }),
      response: Type.Object({
        index: Count,
        size: Count,
        root: Hash,
        leafHash: Hash,
        proof: Type.Array(Hash),
      }),
      errors: ['tree_unknown', 'size_unknown', 'leaf_unknown', 'tree_damaged'],
    },
    consistencyProof: {
      method: 'GET',
      path: '/trees/:sessionId/proofs/consistency',
      summary: 'RFC 9162 consistency proof between two sizes (default second: now).',
      callers: ['session-orchestrator', 'operator'],
      params: SessionParams,
      query: Type.Object({ first: Count, second: Type.Optional(Count) }, { additionalProperties: false }),
      response: Type.Object({
        first: Count,
        second: Count,
        firstRoot: Hash,
        secondRoot: Hash,
        proof: Type.Array(Hash),
      }),
      errors: ['tree_unknown', 'size_unknown', 'tree_damaged'],
    },
    finalizeTree: {
      method: 'PUT',
      path: '/trees/:sessionId/final',
      summary: 'Signs the last checkpoint at exactly this size; idempotent.',
      callers: ['session-orchestrator'],
      params: SessionParams,
      body: Type.Object({ size: Count }, { additionalProperties: false }),
      response: Tree,
      errors: ['tree_unknown', 'size_mismatch', 'tree_damaged', 'store_full'],
    },
    deleteTree: {
      method: 'DELETE',
      path: '/trees/:sessionId',
      summary: 'Forgets the leaves of a deleted session.',
      callers: ['session-orchestrator'],
      params: SessionParams,
    },
  },
});
