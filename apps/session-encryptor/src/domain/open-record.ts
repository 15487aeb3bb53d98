/** Decrypting one chunk for who holds an identity. The session key lives for this call only. */
import { base64ToBytes } from '@lucid/bytes';
import type { ChunkStore } from '@lucid/chunk-store';
import { type ChunkCodec, keyCommitment, openChunk } from '@lucid/pipeline';
import { isRecipientError, unwrapSessionKey } from '@lucid/recipients';
import {
  parseDocument,
  parseRecordHeader,
  RECORD_HEADER_BYTES,
  type RecordHeader,
} from '@lucid/session-format';
import type { RecipientStore } from '../store/recipient-store.ts';
import { problem, storing } from './problems.ts';
import { getRecipients } from './recipients.ts';

interface OpenRecordDependencies {
  readonly chunks: ChunkStore;
  readonly recipients: RecipientStore;
  readonly codec: () => Promise<Pick<ChunkCodec, 'decompress'>>;
}

export async function openRecord(
  dependencies: OpenRecordDependencies,
  request: { readonly sessionId: string; readonly index: number; readonly identities: readonly string[] },
): Promise<Uint8Array> {
  const { sessionId, index } = request;
  const record = await storing(dependencies.chunks.read(sessionId, index));
  const header = soundHeader(record, index);
  if (header.type !== 'chunk')
    throw problem('record_unknown', { detail: `Record ${index} is no chunk; it is not sealed.` });
  const key = await unwrapAny(dependencies, request);
  try {
    const opened = openChunk(key, await dependencies.codec(), header, record);
    if (!opened.ok) throw problem('record_damaged', { detail: `record ${index}: ${opened.fault}` });
    return opened.plain;
  } finally {
    key.fill(0);
  }
}

function soundHeader(record: Uint8Array, index: number): RecordHeader {
  const parsed = parseRecordHeader(record);
  if (!parsed.ok) throw problem('record_damaged', { detail: `record ${index}: ${parsed.detail}` });
  return parsed.header;
}

/** The session's own key out of any wrap; a wrap of another key is passed over, for record 0 says which key it is. */
async function unwrapAny(
  { chunks, recipients }: OpenRecordDependencies,
  { sessionId, identities }: { readonly sessionId: string; readonly identities: readonly string[] },
): Promise<Uint8Array> {
  const { wraps } = await getRecipients(recipients, sessionId);
  const first = await storing(chunks.read(sessionId, 0));
  const header = parseDocument('sessionHeader', first.subarray(RECORD_HEADER_BYTES));
  if (!header.ok) throw problem('record_damaged', { detail: `record 0: ${header.detail}` });
  for (const wrap of wraps) {
    const key = await unwrap(base64ToBytes(wrap.age), identities);
    if (key && keyCommitment(key, sessionId) === header.value.keyCommitment) return key;
    key?.fill(0);
  }
  throw problem('wrong_identity');
}

async function unwrap(age: Uint8Array, identities: readonly string[]): Promise<Uint8Array | null> {
  try {
    return await unwrapSessionKey(age, identities);
  } catch (error) {
    if (isRecipientError(error, 'age_damaged')) return null;
    if (isRecipientError(error, 'identity_invalid'))
      throw problem('invalid_request', { detail: 'One of the identities is not an age identity.' });
    throw error;
  }
}
