/** Shapes that several contracts share. */
import { Type } from 'typebox';

export const SessionId = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'session id, 32 bytes in lower-case hex',
});
export const Hash = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 in lower-case hex' });
export const TimeUs = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'microseconds since the Unix epoch',
});
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const TrackNumber = Type.Integer({ minimum: 0, maximum: 65_535 });
export const Reason = Type.String({ minLength: 1, maxLength: 1024 });
export const AgeRecipient = Type.String({ pattern: '^age1[0-9a-z]{10,4000}$', description: 'age recipient' });

export const TrackKind = Type.Union([
  Type.Literal('terminal'),
  Type.Literal('file'),
  Type.Literal('stream'),
  Type.Literal('display'),
]);

export const Track = Type.Object(
  {
    track: TrackNumber,
    kind: TrackKind,
    mediaType: Type.String({ minLength: 1, maxLength: 255 }),
    name: Type.Optional(Type.String({ maxLength: 1024 })),
  },
  { additionalProperties: false },
);

export const ClosedHow = Type.Union([Type.Literal('ended'), Type.Literal('interrupted')]);

export const EventDetail = Type.Record(
  Type.String({ maxLength: 64 }),
  Type.Union([Type.String({ maxLength: 4096 }), Type.Integer(), Type.Boolean()]),
  { maxProperties: 32 },
);

export const SessionEventBody = Type.Object(
  {
    event: Type.Union([
      Type.Literal('pause'),
      Type.Literal('resume'),
      Type.Literal('gap'),
      Type.Literal('policy'),
      Type.Literal('note'),
    ]),
    atUs: TimeUs,
    track: Type.Optional(TrackNumber),
    detail: Type.Optional(EventDetail),
  },
  { additionalProperties: false },
);

/** `atUs` is when it was stopped; the closing record of an interrupted session says the time of its last record instead. */
export const ClosingBody = Type.Object(
  { closed: ClosedHow, atUs: TimeUs, reason: Type.Optional(Reason) },
  { additionalProperties: false },
);

export const SessionParams = Type.Object({ sessionId: SessionId });

/** What is durably stored of a session, as the writer of its records knows it. */
export const RecordsHead = Type.Object({
  records: Count,
  chunks: Count,
  events: Count,
  plainBytes: Count,
  storedBytes: Count,
  closed: Type.Optional(ClosedHow),
  /** Latest "captured until" of these records. */
  capturedUntilUs: TimeUs,
  /** Next plain offset of each track that has chunks. */
  tracks: Type.Array(Type.Object({ track: TrackNumber, chunks: Count, plainBytes: Count })),
});
