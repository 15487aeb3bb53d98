import { Type } from 'typebox';
import { defineContract, octets } from './contract.ts';
import {
  ClosingBody,
  Count,
  RecordsHead,
  SessionEventBody,
  SessionId,
  SessionParams,
  TimeUs,
  TrackNumber,
} from './schemas.ts';

export const sessionChunkerContract = defineContract({
  service: 'session-chunker',
  version: '1.0.0',
  summary: 'Cuts a stream by size, age and end, compresses each chunk and numbers the records of a session.',
  basePath: '/api/v1',
  errors: {
    stream_unknown: { status: 404, title: 'This session is not open here; open it first.' },
    offset_mismatch: {
      status: 409,
      title: 'The bytes do not follow on what was accepted; the expected offset is told.',
    },
    session_lost: { status: 409, title: 'The session can not go on: its key is gone or it was closed.' },
    store_full: {
      status: 507,
      title: 'The chunk store has no room; nothing durable was lost. Free some, then go on.',
    },
  },
  operations: {
    openStream: {
      method: 'PUT',
      path: '/streams/:sessionId',
      summary: 'Opens a session for cutting, from what is durably stored of it; idempotent.',
      callers: ['session-recorder'],
      params: SessionParams,
      body: Type.Object(
        { chunkSizeBytes: Type.Integer({ minimum: 65_536, maximum: 16_777_216 }) },
        { additionalProperties: false },
      ),
      response: RecordsHead,
      errors: ['session_lost'],
    },
    appendBytes: {
      method: 'PUT',
      path: '/streams/:sessionId/tracks/:track/bytes',
      summary:
        'The next bytes of a track. Answers only when the window of unstored chunks has room: that is the back-pressure.',
      callers: ['session-recorder'],
      params: Type.Object({ sessionId: SessionId, track: TrackNumber }),
      query: Type.Object({ offset: Count, fromUs: TimeUs, untilUs: TimeUs }, { additionalProperties: false }),
      body: octets({ maxBytes: 4_194_304 }),
      response: Type.Object({ acceptedBytes: Count, durableBytes: Count }),
      errors: ['stream_unknown', 'offset_mismatch', 'session_lost', 'store_full'],
      deadlineMs: 30_000,
    },
    appendEvent: {
      method: 'POST',
      path: '/streams/:sessionId/events',
      summary: 'Cuts what is buffered, then writes an event record.',
      callers: ['session-recorder'],
      params: SessionParams,
      body: SessionEventBody,
      response: Type.Object({ index: Count }),
      errors: ['stream_unknown', 'session_lost', 'store_full'],
      idempotent: false,
    },
    flushStream: {
      method: 'PUT',
      path: '/streams/:sessionId/flush',
      summary: 'Cuts what is buffered and waits until it is durable.',
      callers: ['session-recorder'],
      params: SessionParams,
      response: RecordsHead,
      errors: ['stream_unknown', 'session_lost', 'store_full'],
      deadlineMs: 60_000,
    },
    closeStream: {
      method: 'PUT',
      path: '/streams/:sessionId/close',
      summary:
        'Cuts what is buffered and writes the closing record; idempotent, and works after a restart. `ended` is refused with `session_lost` where `accepted` bytes are not stored.',
      callers: ['session-recorder'],
      params: SessionParams,
      body: Type.Object(
        {
          ...ClosingBody.properties,
          /** What the caller took for each track. */
          accepted: Type.Optional(
            Type.Array(Type.Object({ track: TrackNumber, acceptedBytes: Count }), { maxItems: 16 }),
          ),
        },
        { additionalProperties: false },
      ),
      response: RecordsHead,
      errors: ['session_lost', 'store_full'],
      deadlineMs: 60_000,
    },
    compressChunk: {
      method: 'POST',
      path: '/chunks/compress',
      summary:
        'The compression stage alone: one chunk in, its packed form out; the same bytes where compression does not make it smaller.',
      callers: ['operator'],
      body: octets({ maxBytes: 16_777_216 }),
      response: octets({ maxBytes: 16_777_216 }),
      idempotent: true,
    },
  },
});
