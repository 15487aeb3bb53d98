import { Type } from 'typebox';
import { defineContract } from './contract.ts';
import { Count, SessionParams, TrackNumber } from './schemas.ts';

const SealProgress = Type.Object({
  state: Type.Union([Type.Literal('sealing'), Type.Literal('sealed'), Type.Literal('failed')]),
  plainBytes: Count,
  chunks: Count,
  /** A code and a sentence, where it failed. */
  fault: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
});

/** What only the all-in-one host can do: seal a file of this machine by its own workers. */
export const lucidHostContract = defineContract({
  service: 'lucid-host',
  version: '1.0.0',
  summary: 'The all-in-one host: bulk sealing of local files.',
  basePath: '/api/v1',
  errors: {
    session_not_open: {
      status: 409,
      title: 'The session is not being recorded here, or is being sealed already.',
    },
    track_unknown: { status: 404, title: 'The session has no such track.' },
    track_not_empty: { status: 409, title: 'The track has bytes already; a file takes a whole track.' },
    source_unreadable: { status: 422, title: 'The file to seal cannot be read.' },
    seal_unknown: { status: 404, title: 'No sealing of this session was asked for lately.' },
  },
  operations: {
    startSeal: {
      method: 'PUT',
      path: '/seals/:sessionId',
      summary:
        'Starts sealing a file as a whole track of an open session; follow it with getSeal. A sealing that failed may be asked for again.',
      callers: ['operator'],
      params: SessionParams,
      body: Type.Object(
        {
          path: Type.String({
            minLength: 1,
            maxLength: 4096,
            description: 'absolute path of a regular file',
          }),
          track: TrackNumber,
          chunkSizeBytes: Type.Integer({ minimum: 65_536, maximum: 16_777_216 }),
        },
        { additionalProperties: false },
      ),
      response: SealProgress,
      errors: ['session_not_open', 'track_unknown', 'track_not_empty', 'source_unreadable'],
    },
    getSeal: {
      method: 'GET',
      path: '/seals/:sessionId',
      summary: 'How far the session’s newest sealing is.',
      callers: ['operator'],
      params: SessionParams,
      response: SealProgress,
      errors: ['seal_unknown'],
    },
  },
});
