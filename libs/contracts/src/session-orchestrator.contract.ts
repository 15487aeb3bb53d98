import { type Static, Type } from 'typebox';
import { defineContract, octets, stream } from './contract.ts';
import {
  AgeRecipient,
  ClosedHow,
  Count,
  Hash,
  Reason,
  SessionId,
  SessionParams,
  TimeUs,
  Track,
} from './schemas.ts';

export const sessionStates = [
  'created',
  'starting',
  'recording',
  'paused',
  'stopped',
  'processing',
  'completed',
  'failed',
  'deleted',
] as const;
export type SessionState = (typeof sessionStates)[number];

export const SessionStateSchema = Type.Union([
  Type.Literal('created'),
  Type.Literal('starting'),
  Type.Literal('recording'),
  Type.Literal('paused'),
  Type.Literal('stopped'),
  Type.Literal('processing'),
  Type.Literal('completed'),
  Type.Literal('failed'),
  Type.Literal('deleted'),
]);

/** Steps between the end of a recording and its finished evidence, in order. */
export const processingSteps = ['close', 'tree', 'manifest', 'anchor', 'bundle'] as const;

/** What kind of failure the reason of a session tells. */
export const SessionFaultSchema = Type.Union([
  /** There is no room; it goes on once there is. */
  Type.Literal('store_full'),
  /** A service or store does not answer. */
  Type.Literal('unavailable'),
  /** What is stored contradicts itself, or was refused; trying again is pointless. */
  Type.Literal('contradiction'),
  /** A process stopped, and the session’s key with it, before anything was stored. */
  Type.Literal('host_stopped'),
  /** It was not started in time. */
  Type.Literal('never_started'),
  Type.Literal('internal'),
]);
export type SessionFault = Static<typeof SessionFaultSchema>;

/** What is known of the records and the evidence of a session, as far as it has come. */
export const evidenceFacts = {
  records: Type.Optional(Count),
  chunks: Type.Optional(Count),
  plainBytes: Type.Optional(Count),
  storedBytes: Type.Optional(Count),
  merkleRoot: Type.Optional(Hash),
  manifestHash: Type.Optional(Hash),
  anchored: Type.Boolean(),
};

export const SessionDocument = Type.Object({
  sessionId: SessionId,
  state: SessionStateSchema,
  owner: Type.String(),
  title: Type.Optional(Type.String()),
  /** Of the control policy that it runs under. */
  policyHash: Type.Optional(Hash),
  tracks: Type.Array(Track),
  chunkSizeBytes: Count,
  createdAtUs: TimeUs,
  startedAtUs: Type.Optional(TimeUs),
  endedAtUs: Type.Optional(TimeUs),
  closed: Type.Optional(ClosedHow),
  /** Present where it failed, or where its processing does and is tried again. */
  fault: Type.Optional(SessionFaultSchema),
  /** Why it was interrupted, failed or deleted. */
  reason: Type.Optional(Type.String()),
  /** The processing step that is next; absent when none is. */
  step: Type.Optional(Type.String()),
  /** Since when that step is not tried any more: it is in the dead letters. */
  deadSinceUs: Type.Optional(TimeUs),
  ...evidenceFacts,
  /** Path of the finished bundle where the chunk store keeps files. */
  bundle: Type.Optional(Type.String()),
  retainUntilUs: Type.Optional(TimeUs),
});

const DeadLetter = Type.Object({
  sessionId: SessionId,
  step: Type.String(),
  attempts: Count,
  fault: Type.Optional(SessionFaultSchema),
  reason: Type.String(),
  sinceUs: TimeUs,
});

export const sessionOrchestratorContract = defineContract({
  service: 'session-orchestrator',
  version: '1.0.0',
  summary: 'Owns the state machine of every session, from its creation to its tombstone.',
  basePath: '/api/v1',
  errors: {
    session_unknown: { status: 404, title: 'There is no session with this id.' },
    wrong_state: {
      status: 409,
      title: 'The session is in a state that does not allow this; the state is told.',
    },
    consent_needed: {
      status: 403,
      title: 'The session has a policy: only session-api starts it, once both parties consented.',
    },
    not_ready: { status: 409, title: 'The evidence is not finished yet.' },
    not_dead: { status: 409, title: 'The session is not in the dead letters.' },
    session_deleted: { status: 410, title: 'The session was deleted; its tombstone remains.' },
    store_full: { status: 507, title: 'There is no room for evidence; free some and try again.' },
  },
  operations: {
    createSession: {
      method: 'POST',
      path: '/pipelines',
      summary: 'Makes a session with a fresh id.',
      callers: ['operator', 'session-api'],
      body: Type.Object(
        {
          owner: Type.String({ minLength: 1, maxLength: 4096 }),
          recipients: Type.Array(
            Type.Object(
              { recipient: AgeRecipient, label: Type.Optional(Type.String({ maxLength: 255 })) },
              { additionalProperties: false },
            ),
            { minItems: 1, maxItems: 64 },
          ),
          title: Type.Optional(Type.String({ maxLength: 1024 })),
          policyHash: Type.Optional(Hash),
          tracks: Type.Array(Track, { minItems: 1, maxItems: 16 }),
          chunkSizeBytes: Type.Optional(Type.Integer({ minimum: 65_536, maximum: 16_777_216 })),
          retentionDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
        },
        { additionalProperties: false },
      ),
      response: SessionDocument,
      status: 201,
      errors: ['store_full'],
      idempotent: false,
    },
    listSessions: {
      method: 'GET',
      path: '/pipelines',
      summary: 'Sessions, newest first, a page at a time.',
      callers: ['operator', 'session-api'],
      query: Type.Object(
        {
          state: Type.Optional(SessionStateSchema),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
          after: Type.Optional(Type.String({ maxLength: 256 })),
        },
        { additionalProperties: false },
      ),
      response: Type.Object({ sessions: Type.Array(SessionDocument), next: Type.Optional(Type.String()) }),
    },
    getSession: {
      method: 'GET',
      path: '/pipelines/:sessionId',
      summary: 'One session.',
      callers: ['operator', 'session-api', 'session-recorder'],
      params: SessionParams,
      response: SessionDocument,
      errors: ['session_unknown'],
    },
    findSessions: {
      method: 'POST',
      path: '/pipelines/search',
      summary: 'Those of these sessions that there are, in the order asked for.',
      callers: ['session-api'],
      body: Type.Object(
        { sessionIds: Type.Array(SessionId, { maxItems: 1000 }) },
        { additionalProperties: false },
      ),
      response: Type.Object({ sessions: Type.Array(SessionDocument) }),
      idempotent: true,
    },
    startSession: {
      method: 'POST',
      path: '/pipelines/:sessionId/start',
      summary: 'Opens key, log and recording; idempotent.',
      callers: ['operator', 'session-api'],
      params: SessionParams,
      response: SessionDocument,
      errors: ['session_unknown', 'wrong_state', 'consent_needed', 'store_full'],
      idempotent: true,
      deadlineMs: 30_000,
    },
    pauseSession: {
      method: 'POST',
      path: '/pipelines/:sessionId/pause',
      summary: 'Pauses a recording.',
      callers: ['operator', 'session-api'],
      params: SessionParams,
      response: SessionDocument,
      errors: ['session_unknown', 'wrong_state'],
      idempotent: true,
    },
    resumeSession: {
      method: 'POST',
      path: '/pipelines/:sessionId/resume',
      summary: 'Goes on with a paused recording.',
      callers: ['operator', 'session-api'],
      params: SessionParams,
      response: SessionDocument,
      errors: ['session_unknown', 'wrong_state'],
      idempotent: true,
    },
    stopSession: {
      method: 'POST',
      path: '/pipelines/:sessionId/stop',
      summary:
        'Ends a recording; processing goes on by itself (follow it with getSession, or wait with waitMs).',
      callers: ['operator', 'session-api', 'session-recorder'],
      params: SessionParams,
      query: Type.Object(
        { waitMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })) },
        { additionalProperties: false },
      ),
      body: Type.Object(
        { closed: ClosedHow, reason: Type.Optional(Reason) },
        { additionalProperties: false },
      ),
      response: SessionDocument,
      errors: ['session_unknown', 'wrong_state'],
      idempotent: true,
      deadlineMs: 90_000,
    },
    deleteSession: {
      method: 'DELETE',
      path: '/pipelines/:sessionId',
      summary: 'Destroys keys and records and leaves a signed tombstone in the ledger.',
      callers: ['operator', 'session-api'],
      params: SessionParams,
      query: Type.Object(
        { reason: Reason, by: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })) },
        { additionalProperties: false },
      ),
      response: SessionDocument,
      errors: ['session_unknown', 'wrong_state'],
      deadlineMs: 60_000,
    },
    getManifest: {
      method: 'GET',
      path: '/pipelines/:sessionId/manifest',
      summary: 'The canonical bytes of the manifest.',
      callers: ['operator', 'session-api'],
      params: SessionParams,
      response: octets({ maxBytes: 16_777_216, mediaType: 'application/json' }),
      errors: ['session_unknown', 'not_ready', 'session_deleted'],
    },
    readBundle: {
      method: 'GET',
      path: '/pipelines/:sessionId/bundle',
      summary: 'The bytes of the finished bundle, from an offset on.',
      callers: ['operator', 'session-api'],
      params: SessionParams,
      query: Type.Object({ offset: Type.Optional(Count) }, { additionalProperties: false }),
      response: stream({ mediaType: 'application/octet-stream' }),
      errors: ['session_unknown', 'not_ready', 'session_deleted'],
    },
    getTombstone: {
      method: 'GET',
      path: '/pipelines/:sessionId/tombstone',
      summary: 'The ledger entry and proof of a deletion.',
      callers: ['operator', 'session-api'],
      params: SessionParams,
      response: octets({ maxBytes: 1_048_576, mediaType: 'application/json' }),
      errors: ['session_unknown', 'not_ready'],
    },
    refreshBundle: {
      method: 'PUT',
      path: '/pipelines/:sessionId/bundle',
      summary:
        'Writes the tail of the bundle again after a grant, a revocation or new cosignatures; chunks are not touched.',
      callers: ['operator', 'session-api'],
      params: SessionParams,
      response: SessionDocument,
      errors: ['session_unknown', 'not_ready', 'session_deleted'],
    },
    listDeadLetters: {
      method: 'GET',
      path: '/dead-letters',
      summary: 'Sessions whose processing gave up, with the reason.',
      callers: ['operator'],
      response: Type.Object({ deadLetters: Type.Array(DeadLetter) }),
    },
    retryDeadLetter: {
      method: 'POST',
      path: '/dead-letters/:sessionId/retry',
      summary: 'Tries the failed step again from the beginning.',
      callers: ['operator'],
      params: SessionParams,
      response: SessionDocument,
      errors: ['session_unknown', 'not_dead'],
      idempotent: true,
    },
  },
});
