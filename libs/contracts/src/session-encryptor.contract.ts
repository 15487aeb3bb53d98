import { Type } from 'typebox';
import { defineContract, octets } from './contract.ts';
import {
  AgeRecipient,
  ClosedHow,
  Count,
  Hash,
  RecordsHead,
  SessionId,
  SessionParams,
  TimeUs,
  Track,
  TrackNumber,
} from './schemas.ts';

const RecordParams = Type.Object({ sessionId: SessionId, index: Count });

export const Wrap = Type.Object(
  {
    recipient: AgeRecipient,
    label: Type.Optional(Type.String({ maxLength: 255 })),
    age: Type.String({ maxLength: 65_536, description: 'base64 of an age file that holds the session key' }),
  },
  { additionalProperties: false },
);

export const RecipientsDocument = Type.Object({
  format: Type.Literal('lucid-recipients/1'),
  sessionId: SessionId,
  wraps: Type.Array(Wrap),
});

export const StoredRecord = Type.Object({ index: Count, leafHash: Hash, storedBytes: Count });

export const sessionEncryptorContract = defineContract({
  service: 'session-encryptor',
  version: '1.0.0',
  summary: 'Seals each chunk, keeps the wrapped keys, and is the one writer of a session’s records.',
  basePath: '/api/v1',
  errors: {
    session_unknown: { status: 404, title: 'This session was never opened, or it was deleted.' },
    session_exists: { status: 409, title: 'This session id was used before; ids are used once.' },
    key_forgotten: {
      status: 409,
      title: 'The session key is no longer in memory (closed, or the service restarted); it cannot seal.',
    },
    session_closed: { status: 409, title: 'The session has its closing record; nothing can be added.' },
    record_out_of_order: { status: 409, title: 'Records are written in order; the expected index is told.' },
    record_conflict: { status: 409, title: 'Another record is stored at this index already.' },
    record_unknown: { status: 404, title: 'The session has no such record.' },
    record_damaged: {
      status: 409,
      title: 'What is stored of the session was changed, or records that were acknowledged are gone.',
    },
    recipient_unknown: { status: 404, title: 'This recipient has no wrapped key of the session.' },
    last_recipient: {
      status: 409,
      title: 'The last recipient cannot be revoked: nobody could open the session.',
    },
    wrong_identity: { status: 403, title: 'None of the given identities opens this session.' },
    store_full: { status: 507, title: 'The chunk store has no room; nothing acknowledged was lost.' },
  },
  operations: {
    openSession: {
      method: 'PUT',
      path: '/sessions/:sessionId',
      summary:
        'Makes a session key, wraps it for the recipients and writes record 0; idempotent while the key is held.',
      callers: ['session-orchestrator'],
      params: SessionParams,
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
          startedAtUs: TimeUs,
          chunkSizeBytes: Type.Integer({ minimum: 65_536, maximum: 16_777_216 }),
          tracks: Type.Array(Track, { minItems: 1, maxItems: 16 }),
        },
        { additionalProperties: false },
      ),
      response: Type.Object({ keyCommitment: Hash, leafHash: Hash }),
      errors: ['session_exists', 'key_forgotten', 'record_damaged', 'store_full'],
      deadlineMs: 20_000,
    },
    putChunk: {
      method: 'PUT',
      path: '/sessions/:sessionId/records/:index/chunk',
      summary: 'Seals one packed chunk and stores it; answers when it is durable and a leaf of the tree.',
      callers: ['session-chunker'],
      params: RecordParams,
      query: Type.Object(
        {
          track: TrackNumber,
          compressed: Type.Boolean(),
          fromUs: TimeUs,
          untilUs: TimeUs,
          plainOffset: Count,
          plainSizeBytes: Type.Integer({ minimum: 1, maximum: 16_777_216 }),
        },
        { additionalProperties: false },
      ),
      body: octets({ maxBytes: 16_777_216 }),
      response: StoredRecord,
      errors: [
        'session_unknown',
        'key_forgotten',
        'session_closed',
        'record_out_of_order',
        'record_conflict',
        'record_damaged',
        'store_full',
      ],
      deadlineMs: 30_000,
    },
    putControl: {
      method: 'PUT',
      path: '/sessions/:sessionId/records/:index/control',
      summary: 'Stores an event or the closing record (canonical JSON); closing forgets the key.',
      callers: ['session-chunker'],
      params: RecordParams,
      query: Type.Object(
        { type: Type.Union([Type.Literal('event'), Type.Literal('close')]), atUs: TimeUs },
        { additionalProperties: false },
      ),
      body: octets({ maxBytes: 1_048_576, mediaType: 'application/octet-stream' }),
      response: StoredRecord,
      errors: [
        'session_unknown',
        'session_closed',
        'record_out_of_order',
        'record_conflict',
        'record_damaged',
        'store_full',
      ],
      deadlineMs: 30_000,
    },
    recordsHead: {
      method: 'GET',
      path: '/sessions/:sessionId/records',
      summary: 'What is durably stored of a session, and whether more can be sealed (`keyHeld`).',
      callers: ['session-chunker', 'session-orchestrator', 'session-recorder', 'operator', 'session-api'],
      params: SessionParams,
      response: Type.Intersect([RecordsHead, Type.Object({ keyHeld: Type.Boolean() })]),
      errors: ['session_unknown', 'record_damaged'],
    },
    getRecord: {
      method: 'GET',
      path: '/sessions/:sessionId/records/:index',
      summary: 'The stored bytes of one record (sealed).',
      callers: ['session-orchestrator', 'operator', 'session-api'],
      params: RecordParams,
      response: octets({ maxBytes: 16_900_000 }),
      errors: ['session_unknown', 'record_unknown', 'record_damaged'],
    },
    openRecord: {
      method: 'POST',
      path: '/sessions/:sessionId/records/:index/open',
      summary:
        'The plain bytes of one chunk, for who holds an identity of a recipient. The identity is used for this call and forgotten.',
      callers: ['operator'],
      params: RecordParams,
      body: Type.Object(
        { identities: Type.Array(Type.String({ maxLength: 4096 }), { minItems: 1, maxItems: 16 }) },
        { additionalProperties: false },
      ),
      response: octets({ maxBytes: 16_777_216 }),
      errors: ['session_unknown', 'record_unknown', 'record_damaged', 'wrong_identity'],
      idempotent: true,
    },
    getRecipients: {
      method: 'GET',
      path: '/sessions/:sessionId/recipients',
      summary: 'Who can open the session, with the wrapped keys.',
      callers: ['session-orchestrator', 'operator'],
      params: SessionParams,
      response: RecipientsDocument,
      errors: ['session_unknown'],
    },
    grantRecipient: {
      method: 'PUT',
      path: '/sessions/:sessionId/recipients',
      summary: 'Adds a wrapped key, made by somebody who could open the session; no chunk is touched.',
      callers: ['operator'],
      params: SessionParams,
      body: Wrap,
      response: RecipientsDocument,
      errors: ['session_unknown', 'store_full'],
    },
    revokeRecipient: {
      method: 'DELETE',
      path: '/sessions/:sessionId/recipients/:recipient',
      summary: 'Removes a wrapped key; copies made before cannot be called back.',
      callers: ['operator'],
      params: Type.Object({ sessionId: SessionId, recipient: AgeRecipient }),
      response: RecipientsDocument,
      errors: ['session_unknown', 'recipient_unknown', 'last_recipient', 'store_full'],
    },
    forgetKey: {
      method: 'PUT',
      path: '/sessions/:sessionId/forget',
      summary: 'Wipes the session key from memory; idempotent.',
      callers: ['session-orchestrator'],
      params: SessionParams,
      response: Type.Object({ closed: Type.Optional(ClosedHow) }),
      errors: ['session_unknown', 'record_damaged'],
    },
    deleteSession: {
      method: 'DELETE',
      path: '/sessions/:sessionId',
      summary: 'Destroys wrapped keys and stored records. The id stays used for ever.',
      callers: ['session-orchestrator'],
      params: SessionParams,
      response: Type.Object({ removedRecords: Count }),
      errors: ['session_unknown'],
      deadlineMs: 60_000,
    },
  },
});
