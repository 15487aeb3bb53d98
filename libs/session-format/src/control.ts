/**
 * The control payloads and documents of a session (docs/evidence-format.md sections 1.4, 4, 5, 6): shapes, and strict
 * readers that return what is wrong instead of throwing. All are canonical JSON.
 */
import { bytesToHex, hexToBytes, isHex, utf8ToBytes } from '@lucid/bytes';
import { canonicalBytes, JcsError, parseCanonical } from '@lucid/jcs';
import { anchorShape, type BundleAnchor } from './anchor.ts';
import { MAX_CHUNK_BYTES, MIN_CHUNK_BYTES, SESSION_ID_BYTES } from './record.ts';
import {
  array,
  base64,
  type Check,
  check,
  hexOf,
  integer,
  oneOf,
  optional,
  record,
  text,
  withRule,
} from './shape.ts';

export const trackKinds = ['terminal', 'file', 'stream', 'display'] as const;
export type TrackKind = (typeof trackKinds)[number];

export interface Track {
  readonly track: number;
  readonly kind: TrackKind;
  readonly mediaType: string;
  readonly name?: string;
}

export interface SessionHeader {
  readonly format: 'lucid-session/1';
  readonly sessionId: string;
  readonly owner: string;
  readonly recorder: string;
  readonly recipients: readonly string[];
  readonly keyCommitment: string;
  readonly policyHash?: string;
  readonly title?: string;
  readonly startedAtUs: number;
  readonly chunkSizeBytes: number;
  readonly tracks: readonly Track[];
  readonly software: string;
}

export const eventKinds = ['pause', 'resume', 'gap', 'policy', 'note'] as const;
export type EventKind = (typeof eventKinds)[number];
export type EventDetail = Readonly<Record<string, string | number | boolean>>;

export interface SessionEvent {
  readonly event: EventKind;
  readonly atUs: number;
  readonly track?: number;
  readonly detail?: EventDetail;
}

export interface SessionClose {
  readonly closed: 'ended' | 'interrupted';
  readonly atUs: number;
  readonly chunks: number;
  readonly events: number;
  readonly plainBytes: number;
  readonly reason?: string;
}

export interface ManifestTrack extends Track {
  readonly chunks: number;
  readonly plainBytes: number;
}

export interface Manifest {
  readonly format: 'lucid-manifest/1';
  readonly sessionId: string;
  readonly owner: string;
  readonly recorder: string;
  readonly policyHash?: string;
  readonly startedAtUs: number;
  readonly endedAtUs: number;
  readonly closed: 'ended' | 'interrupted';
  readonly reason?: string;
  readonly treeSize: number;
  readonly merkleRoot: string;
  readonly chunkCount: number;
  readonly plainBytes: number;
  readonly storedBytes: number;
  readonly tracks: readonly ManifestTrack[];
}

export interface Wrap {
  readonly recipient: string;
  readonly label?: string;
  /** Base64 of an age file whose plaintext is the session key. */
  readonly age: string;
}

export interface Recipients {
  readonly format: 'lucid-recipients/1';
  readonly sessionId: string;
  readonly wraps: readonly Wrap[];
}

export interface SessionRegistered {
  readonly type: 'SessionRegistered';
  readonly sessionId: string;
  readonly manifestHash: string;
  /** Unix seconds. */
  readonly startedAt: number;
  readonly owner: string;
  readonly merkleRoot: string;
  readonly chunkCount: number;
  /** Text of the signed final checkpoint. */
  readonly checkpoint: string;
}

export interface SessionDeleted {
  readonly type: 'SessionDeleted';
  readonly sessionId: string;
  readonly manifestHash?: string;
  readonly merkleRoot?: string;
  /** Unix seconds. */
  readonly deletedAt: number;
  readonly by: string;
  readonly reason: string;
}

/** What an audit log's hash was at a time; the chain behind it is the log's own (docs/evidence-format.md section 6). */
export interface AuditHead {
  readonly type: 'AuditHead';
  readonly format: 'lucid-audit/1';
  /** Entries that the hash stands for. */
  readonly entries: number;
  readonly hash: string;
  /** Unix seconds. */
  readonly at: number;
}

const hash = hexOf(32);
const sessionId = hexOf(SESSION_ID_BYTES);
const detail: Check = (value, path) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${path} must be an object`;
  const bad = Object.entries(value).find(
    ([, each]) => typeof each !== 'string' && typeof each !== 'boolean' && !Number.isSafeInteger(each),
  );
  return bad ? `${path}.${bad[0]} must be a string, an integer or a boolean` : null;
};

const trackShape = {
  track: integer(0, 65_535),
  kind: oneOf(...trackKinds),
  mediaType: text(255),
  name: optional(text(4096)),
};
const closed = oneOf('ended', 'interrupted');

const tracksDiffer = ({ tracks }: { tracks: readonly Track[] }, path: string): string | null => {
  const numbers = tracks.map(({ track }) => track);
  const twice = numbers.findIndex((track, at) => track <= (numbers[at - 1] ?? -1));
  return twice < 0 ? null : `${path}.tracks[${twice}].track must be above the track before it`;
};

const reasonGiven = (value: Pick<SessionClose, 'closed' | 'reason'>, path: string): string | null =>
  value.closed === 'interrupted' && !value.reason ? `${path}.reason must say why it was interrupted` : null;

/** A gap says from when to when nothing was recorded, and why. */
function gapDescribed({ event, detail: said }: SessionEvent, path: string): string | null {
  if (event !== 'gap') return null;
  const { fromUs, untilUs, reason } = said ?? {};
  const times = integer()(fromUs, `${path}.detail.fromUs`) ?? integer()(untilUs, `${path}.detail.untilUs`);
  if (times) return times;
  if ((untilUs as number) < (fromUs as number)) return `${path}.detail.untilUs must not be before fromUs`;
  return typeof reason === 'string' && reason !== '' ? null : `${path}.detail.reason must say why`;
}

const manifestAgrees = (value: Manifest, path: string): string | null =>
  tracksDiffer(value, path) ?? reasonGiven(value, path);

const shapes = {
  sessionHeader: withRule(
    record({
      format: oneOf('lucid-session/1'),
      sessionId,
      owner: text(4096),
      recorder: text(1024),
      recipients: array(text(4096), 1, 256),
      keyCommitment: hash,
      policyHash: optional(hash),
      title: optional(text(4096)),
      startedAtUs: integer(),
      chunkSizeBytes: integer(MIN_CHUNK_BYTES, MAX_CHUNK_BYTES),
      tracks: array(record(trackShape), 1, 65_536),
      software: text(255),
    }),
    tracksDiffer,
  ),
  sessionEvent: withRule(
    record({
      event: oneOf(...eventKinds),
      atUs: integer(),
      track: optional(integer(0, 65_535)),
      detail: optional(detail),
    }),
    gapDescribed,
  ),
  sessionClose: withRule(
    record({
      closed,
      atUs: integer(),
      chunks: integer(),
      events: integer(),
      plainBytes: integer(),
      reason: optional(text(4096)),
    }),
    reasonGiven,
  ),
  manifest: withRule(
    record({
      format: oneOf('lucid-manifest/1'),
      sessionId,
      owner: text(4096),
      recorder: text(1024),
      policyHash: optional(hash),
      startedAtUs: integer(),
      endedAtUs: integer(),
      closed,
      reason: optional(text(4096)),
      treeSize: integer(),
      merkleRoot: hash,
      chunkCount: integer(),
      plainBytes: integer(),
      storedBytes: integer(),
      tracks: array(record({ ...trackShape, chunks: integer(), plainBytes: integer() }), 1, 65_536),
    }),
    manifestAgrees,
  ),
  recipients: record({
    format: oneOf('lucid-recipients/1'),
    sessionId,
    wraps: array(record({ recipient: text(4096), label: optional(text(255)), age: base64(65_536) }), 0, 4096),
  }),
  sessionRegistered: record({
    type: oneOf('SessionRegistered'),
    sessionId,
    manifestHash: hash,
    startedAt: integer(),
    owner: text(4096),
    merkleRoot: hash,
    chunkCount: integer(),
    checkpoint: text(65_536),
  }),
  sessionDeleted: record({
    type: oneOf('SessionDeleted'),
    sessionId,
    manifestHash: optional(hash),
    merkleRoot: optional(hash),
    deletedAt: integer(),
    by: text(4096),
    reason: text(4096),
  }),
  auditHead: record({
    type: oneOf('AuditHead'),
    format: oneOf('lucid-audit/1'),
    entries: integer(1),
    hash,
    at: integer(),
  }),
  anchor: anchorShape,
} as const;

interface Documents {
  sessionHeader: SessionHeader;
  sessionEvent: SessionEvent;
  sessionClose: SessionClose;
  manifest: Manifest;
  recipients: Recipients;
  sessionRegistered: SessionRegistered;
  sessionDeleted: SessionDeleted;
  auditHead: AuditHead;
  anchor: BundleAnchor;
}

export type DocumentKind = keyof Documents;
export type ParsedDocument<K extends DocumentKind> =
  | { readonly ok: true; readonly value: Documents[K] }
  | { readonly ok: false; readonly detail: string };

/** Reads canonical JSON of the given kind. Never throws: says what is wrong and where. */
export function parseDocument<K extends DocumentKind>(kind: K, bytes: Uint8Array): ParsedDocument<K> {
  let value: unknown;
  try {
    value = parseCanonical(bytes);
  } catch (error) {
    return {
      ok: false,
      detail: `it is not canonical JSON (${error instanceof JcsError ? error.code : String(error)})`,
    };
  }
  const fault = check(shapes[kind], value, kind);
  return fault ? { ok: false, detail: fault } : { ok: true, value: value as Documents[K] };
}

/** The canonical bytes of a document; TypeError where it does not have its shape. */
export function encodeDocument<K extends DocumentKind>(kind: K, value: Documents[K]): Uint8Array {
  const fault = check(shapes[kind], value, kind);
  if (fault) throw new TypeError(fault);
  return canonicalBytes(value);
}

export const sessionOrigin = (id: string): string => `lucid.invalid/session/${id}`;

const COMMITMENT_LABEL = utf8ToBytes('lucid/key-commitment/v1\0');

/** The message whose HMAC under the session key is the key commitment (section 1.3). */
export const keyCommitmentMessage = (id: string): readonly [Uint8Array, Uint8Array] => [
  COMMITMENT_LABEL,
  hexToBytes(id),
];

export const isSessionId = (value: unknown): value is string =>
  typeof value === 'string' && isHex(value, SESSION_ID_BYTES);

export const sessionIdFromBytes = (bytes: Uint8Array): string => bytesToHex(bytes);
