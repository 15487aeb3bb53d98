/**
 * The third and fourth stage: seals a packed chunk into a record and hashes the record as a leaf
 * (docs/evidence-format.md sections 1.1, 1.2 and 2). No byte of the chunk is copied.
 */
import { bytesToHex } from '@lucid/bytes';
import { createSha256, hmacSha256, kdfDeriveSubkey, openDetached, sealInto } from '@lucid/crypto';
import {
  encodeRecordHeader,
  keyCommitmentMessage,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  TAG_BYTES,
} from '@lucid/session-format';
import type { ChunkCodec } from './pack-chunk.ts';

const CHUNK_KEY_CONTEXT = 'lucidchk';
const LEAF_PREFIX = Uint8Array.of(0);

export interface ChunkToSeal {
  readonly sessionId: string;
  readonly index: number;
  readonly track: number;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly plainOffset: number;
  readonly plainSizeBytes: number;
  readonly packed: Uint8Array;
  readonly compressed: boolean;
  /** 24 fresh random bytes. */
  readonly nonce: Uint8Array;
}

export interface SealedRecord {
  /** Header, ciphertext, tag: written one behind the other they are the record. */
  readonly parts: readonly [Uint8Array, Uint8Array, Uint8Array];
  readonly sizeBytes: number;
  readonly leafHash: Uint8Array;
}

/** SHA-256(0x00 || record) without joining the record's parts. */
export function recordLeafHash(parts: readonly Uint8Array[]): Uint8Array {
  const hash = createSha256();
  hash.update(LEAF_PREFIX);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function sealChunk(sessionKey: Uint8Array, chunk: ChunkToSeal): SealedRecord {
  const header = encodeRecordHeader({
    type: 'chunk',
    compressed: chunk.compressed,
    sealed: true,
    sessionId: chunk.sessionId,
    index: chunk.index,
    track: chunk.track,
    payloadSizeBytes: chunk.packed.length + TAG_BYTES,
    capturedFromUs: chunk.fromUs,
    capturedUntilUs: chunk.untilUs,
    plainOffset: chunk.plainOffset,
    plainSizeBytes: chunk.plainSizeBytes,
    packedSizeBytes: chunk.packed.length,
    nonce: chunk.nonce,
  });
  const key = kdfDeriveSubkey(sessionKey, chunk.index, CHUNK_KEY_CONTEXT);
  const { ciphertext, tag } = sealInto({ key, nonce: chunk.nonce, aad: header, plain: chunk.packed });
  key.fill(0);
  const parts = [header, ciphertext, tag] as const;
  return {
    parts,
    sizeBytes: RECORD_HEADER_BYTES + ciphertext.length + tag.length,
    leafHash: recordLeafHash(parts),
  };
}

export type OpenedChunk =
  | { readonly ok: true; readonly plain: Uint8Array }
  | { readonly ok: false; readonly fault: 'tag_wrong' | 'not_decompressible' };

/** The packed bytes of one chunk record, all its bytes and no more; null where it does not open with this key. */
export function unsealChunk(
  sessionKey: Uint8Array,
  header: RecordHeader,
  record: Uint8Array,
): Uint8Array | null {
  const split = RECORD_HEADER_BYTES + header.packedSizeBytes;
  if (record.length !== split + TAG_BYTES) return null;
  const key = kdfDeriveSubkey(sessionKey, header.index, CHUNK_KEY_CONTEXT);
  const packed = openDetached({
    key,
    nonce: header.nonce,
    aad: record.subarray(0, RECORD_HEADER_BYTES),
    ciphertext: record.subarray(RECORD_HEADER_BYTES, split),
    tag: record.subarray(split),
  });
  key.fill(0);
  return packed;
}

/**
 * Opens one chunk record, all its bytes and no more: tag first, then decompression with the authenticated plain size as the limit. `into`, where
 * given, is at least that long and receives compressed chunks.
 */
export function openChunk(
  sessionKey: Uint8Array,
  codec: Pick<ChunkCodec, 'decompress'>,
  header: RecordHeader,
  record: Uint8Array,
  into?: Uint8Array,
): OpenedChunk {
  const packed = unsealChunk(sessionKey, header, record);
  if (!packed) return { ok: false, fault: 'tag_wrong' };
  if (!header.compressed) return { ok: true, plain: packed };
  const room = into?.subarray(0, header.plainSizeBytes) ?? new Uint8Array(header.plainSizeBytes);
  try {
    if (codec.decompress(room, packed) === header.plainSizeBytes) return { ok: true, plain: room };
  } catch {
    // said below: the recorder sealed what is no frame of the size it declared
  }
  return { ok: false, fault: 'not_decompressible' };
}

/** The commitment that record 0 carries (section 1.3), as hex. */
export const keyCommitment = (sessionKey: Uint8Array, sessionId: string): string =>
  bytesToHex(hmacSha256(sessionKey, ...keyCommitmentMessage(sessionId)));
