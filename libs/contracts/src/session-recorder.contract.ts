import { Type } from 'typebox';
import { defineContract, octets } from './contract.ts';
import {
  ClosingBody,
  Count,
  SessionEventBody,
  SessionId,
  SessionParams,
  TimeUs,
  Track,
  TrackNumber,
} from './schemas.ts';

export const Recording = Type.Object({
  sessionId: SessionId,
  state: Type.Union([Type.Literal('recording'), Type.Literal('paused'), Type.Literal('stopped')]),
  tracks: Type.Array(
    Type.Object({
      track: TrackNumber,
      /** Bytes taken from the capture agent so far. */
      acceptedBytes: Count,
      /** Bytes that no crash can lose any more: the agent may forget them. */
      durableBytes: Count,
    }),
  ),
  lastSeenAtUs: TimeUs,
});

/**
 * Takes captured bytes from an agent beside the terminal, file or display. The agent numbers its bytes per track; what was
 * not reported durable it sends again after a fault, so nothing acknowledged is ever lost and nothing is stored twice.
 */
export const sessionRecorderContract = defineContract({
  service: 'session-recorder',
  version: '1.0.0',
  summary: 'Takes a terminal, a file or any byte stream and hands it on to be cut.',
  basePath: '/api/v1',
  errors: {
    recording_unknown: { status: 404, title: 'No recording of this session is running here.' },
    recording_exists: { status: 409, title: 'This session is being recorded already with other tracks.' },
    recording_not_running: { status: 409, title: 'The recording is paused or stopped.' },
    track_unknown: { status: 404, title: 'The recording has no such track.' },
    offset_mismatch: {
      status: 409,
      title: 'The bytes do not follow on what was accepted; the expected offset is told.',
    },
    session_lost: {
      status: 409,
      title: 'The session can not go on (its key is gone or it was closed); start a new one.',
    },
    bytes_missing: {
      status: 409,
      title:
        'Bytes that were accepted were lost before they were durable; send again from `durableBytes`, or stop as interrupted.',
    },
    store_full: {
      status: 507,
      title: 'The chunk store has no room; nothing durable was lost. Free some, then go on.',
    },
  },
  operations: {
    startRecording: {
      method: 'POST',
      path: '/recordings',
      summary: 'Starts, or after a restart takes up again, the recording of a session.',
      callers: ['session-orchestrator', 'operator'],
      body: Type.Object(
        {
          sessionId: SessionId,
          chunkSizeBytes: Type.Integer({ minimum: 65_536, maximum: 16_777_216 }),
          tracks: Type.Array(Track, { minItems: 1, maxItems: 16 }),
        },
        { additionalProperties: false },
      ),
      response: Recording,
      errors: ['recording_exists', 'session_lost'],
      idempotent: true,
    },
    putBytes: {
      method: 'PUT',
      path: '/recordings/:sessionId/tracks/:track/bytes',
      summary: 'Hands in the next bytes of a track; answers how many are accepted and how many are durable.',
      callers: ['operator', 'session-host-manager'],
      params: Type.Object({ sessionId: SessionId, track: TrackNumber }),
      query: Type.Object({ offset: Count, fromUs: TimeUs, untilUs: TimeUs }, { additionalProperties: false }),
      body: octets({ maxBytes: 4_194_304 }),
      response: Type.Object({ acceptedBytes: Count, durableBytes: Count }),
      errors: [
        'recording_unknown',
        'recording_not_running',
        'track_unknown',
        'offset_mismatch',
        'session_lost',
        'store_full',
      ],
      deadlineMs: 30_000,
    },
    putEvent: {
      method: 'POST',
      path: '/recordings/:sessionId/events',
      summary: 'Puts an event (a gap, a note) into the session log behind what was captured so far.',
      callers: ['operator', 'session-orchestrator', 'session-host-manager', 'session-api'],
      params: SessionParams,
      body: SessionEventBody,
      response: Type.Object({ index: Count }),
      errors: ['recording_unknown', 'session_lost', 'store_full'],
      idempotent: false,
      deadlineMs: 60_000,
    },
    heartbeat: {
      method: 'PUT',
      path: '/recordings/:sessionId/heartbeat',
      summary: 'The agent is alive though nothing was captured; answers what is durable.',
      callers: ['operator', 'session-host-manager'],
      params: SessionParams,
      response: Recording,
      errors: ['recording_unknown', 'session_lost'],
    },
    flushRecording: {
      method: 'PUT',
      path: '/recordings/:sessionId/flush',
      summary:
        'Cuts what is buffered and waits until it is durable: an agent asks for it before it stops, and sends again what is missing.',
      callers: ['operator', 'session-host-manager'],
      params: SessionParams,
      response: Recording,
      errors: ['recording_unknown', 'session_lost', 'store_full'],
      deadlineMs: 60_000,
    },
    pauseRecording: {
      method: 'POST',
      path: '/recordings/:sessionId/pause',
      summary: 'Stops taking bytes; an event says so in the evidence.',
      callers: ['session-orchestrator'],
      params: SessionParams,
      response: Recording,
      errors: ['recording_unknown', 'session_lost', 'store_full'],
      idempotent: true,
    },
    resumeRecording: {
      method: 'POST',
      path: '/recordings/:sessionId/resume',
      summary: 'Takes bytes again.',
      callers: ['session-orchestrator'],
      params: SessionParams,
      response: Recording,
      errors: ['recording_unknown', 'session_lost', 'store_full'],
      idempotent: true,
    },
    stopRecording: {
      method: 'POST',
      path: '/recordings/:sessionId/stop',
      summary: 'Flushes what was captured and closes the session log; idempotent.',
      callers: ['session-orchestrator'],
      params: SessionParams,
      body: ClosingBody,
      response: Type.Object({ records: Count }),
      errors: ['session_lost', 'bytes_missing', 'store_full'],
      idempotent: true,
      deadlineMs: 60_000,
    },
    getRecording: {
      method: 'GET',
      path: '/recordings/:sessionId',
      summary: 'State of one recording.',
      callers: ['operator', 'session-orchestrator', 'session-host-manager', 'session-api'],
      params: SessionParams,
      response: Recording,
      errors: ['recording_unknown'],
    },
    listRecordings: {
      method: 'GET',
      path: '/recordings',
      summary: 'All recordings that run here.',
      callers: ['operator', 'session-orchestrator'],
      response: Type.Object({ recordings: Type.Array(Recording) }),
    },
  },
});
