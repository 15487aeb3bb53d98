/** Chunks and control payloads as the chunker would hand them in. */
import { encodeDocument, type SessionClose, type SessionEvent } from '@lucid/session-format';
import { type EvidenceRig, freshSessionId, openBody } from '../../session-recorder/test/evidence-rig.ts';

interface ChunkWish {
  readonly sessionId: string;
  readonly index: number;
  readonly bytes?: Uint8Array;
  readonly track?: number;
  readonly plainOffset?: number;
}

export const someBytes = new TextEncoder().encode('some bytes that were captured');

export const chunkOf = ({ sessionId, index, bytes = someBytes, track = 0, plainOffset = 0 }: ChunkWish) => ({
  params: { sessionId, index },
  query: {
    track,
    compressed: false,
    fromUs: 5_000,
    untilUs: 6_000,
    plainOffset,
    plainSizeBytes: bytes.length,
  },
  body: bytes,
});

export const eventOf = (sessionId: string, index: number, detail: SessionEvent['detail'] = { a: 1 }) => ({
  params: { sessionId, index },
  query: { type: 'event' as const, atUs: 7_000 },
  body: encodeDocument('sessionEvent', { event: 'note', atUs: 7_000, detail }),
});

export const closeOf = (sessionId: string, index: number, counts: Partial<SessionClose> = {}) => ({
  params: { sessionId, index },
  query: { type: 'close' as const, atUs: counts.atUs ?? 8_000 },
  body: encodeDocument('sessionClose', {
    closed: 'ended',
    atUs: 8_000,
    chunks: 0,
    events: 0,
    plainBytes: 0,
    ...counts,
  }),
});

export async function openAt(rig: EvidenceRig, sessionId = freshSessionId()): Promise<string> {
  await rig.encryptor.openSession({ params: { sessionId }, body: openBody([rig.owner.recipient]) });
  return sessionId;
}
