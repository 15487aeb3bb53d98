/** With an identity: the key commitment, each chunk's tag, and with a decompressor each chunk's plain size. */
import { bytesToHex } from '@lucid/bytes';
import { hmacSha256, kdfDeriveSubkey, xchacha20poly1305Open } from '@lucid/crypto';
import {
  keyCommitmentMessage,
  RECORD_HEADER_BYTES,
  type Recipients,
  type RecordHeader,
  type SessionHeader,
} from '@lucid/session-format';
import type { FaultList } from './fault.ts';
import type { SessionOpener } from './verdict.ts';

export interface ChunkOpener {
  /** What is wrong with a chunk record, or null where it opens. */
  open(header: RecordHeader, record: Uint8Array): string | null;
  /** Wipes the session key. */
  close(): void;
}

const KEY_BYTES = 32;

function openChunk(
  key: Uint8Array,
  opener: SessionOpener,
  header: RecordHeader,
  record: Uint8Array,
): string | null {
  const chunkKey = kdfDeriveSubkey(key, header.index, 'lucidchk');
  const aad = record.subarray(0, RECORD_HEADER_BYTES);
  const packed = xchacha20poly1305Open(chunkKey, header.nonce, record.subarray(RECORD_HEADER_BYTES), aad);
  chunkKey.fill(0);
  if (packed === null) return 'an authentication tag that does not fit';
  try {
    if (!header.compressed || opener.decompress === undefined) return null;
    const plain = opener.decompress(packed, header.plainSizeBytes);
    const sizeBytes = plain.length;
    plain.fill(0);
    return sizeBytes === header.plainSizeBytes
      ? null
      : `${sizeBytes} plain bytes instead of ${header.plainSizeBytes}`;
  } catch (error) {
    return `bytes that do not decompress (${(error as Error).message})`;
  } finally {
    packed.fill(0);
  }
}

const createChunkOpener = (key: Uint8Array, opener: SessionOpener): ChunkOpener => ({
  open: (header, record) => openChunk(key, opener, header, record),
  close: () => key.fill(0),
});

/** Null where the session cannot be opened; the fault says why. */
export async function openWith(
  opener: SessionOpener,
  session: {
    readonly recipients: Recipients | null;
    readonly header: SessionHeader | null;
    readonly sessionId: string;
  },
  faults: FaultList,
): Promise<ChunkOpener | null> {
  const { recipients, header } = session;
  const key = recipients === null ? null : await opener.unwrapSessionKey(recipients);
  if (key === null) {
    const found =
      recipients === null ? 'no readable list of recipients' : `${recipients.wraps.length} for others`;
    faults.add('key_missing', 'a wrapped key that one of them opens', found);
    return null;
  }
  const commitment =
    key.length === KEY_BYTES
      ? bytesToHex(hmacSha256(key, ...keyCommitmentMessage(session.sessionId)))
      : 'another length';
  if (header !== null && commitment === header.keyCommitment) return createChunkOpener(key, opener);
  key.fill(0);
  faults.add(
    'key_wrong',
    `a key with commitment ${header?.keyCommitment ?? 'of the session header'}`,
    commitment,
  );
  return null;
}
