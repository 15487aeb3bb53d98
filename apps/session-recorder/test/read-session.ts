/** Reads a session back as a verifier would. */
import { bytesToHex } from '@lucid/bytes';
import { createMemoryChunkStore } from '@lucid/chunk-store';
import { rootOfLeaves } from '@lucid/merkle';
import { keyCommitment, openChunk, recordLeafHash } from '@lucid/pipeline';
import { type KeyPair, unwrapSessionKey } from '@lucid/recipients';
import {
  parseDocument,
  parseRecordHeader,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  type SessionClose,
  type SessionEvent,
  type SessionHeader,
} from '@lucid/session-format';
import { openZstd } from '@lucid/zstd';
import type { EvidenceRig } from './evidence-rig.ts';

export interface OpenedSession {
  readonly header: SessionHeader;
  readonly records: readonly RecordHeader[];
  readonly events: readonly SessionEvent[];
  readonly close: SessionClose | null;
  /** Plain bytes of each track. */
  readonly tracks: ReadonlyMap<number, Uint8Array>;
}

/**
 * Reads a session as a verifier would: every record's form, offsets without gap, the leaf hashes against merkle-builder's tree,
 * the key commitment, and every chunk opened with the owner's identity.
 */
export async function readSession(
  rig: EvidenceRig,
  sessionId: string,
  owner: KeyPair = rig.owner,
): Promise<OpenedSession> {
  const store = createMemoryChunkStore(rig.chunks);
  const { records: count } = await store.head(sessionId);
  const codec = await openZstd();
  const { wraps } = await rig.reader.getRecipients({ params: { sessionId } });
  const wrap = wraps.find((each) => each.recipient === owner.recipient);
  const key = wrap && (await unwrapSessionKey(Buffer.from(wrap.age, 'base64'), [owner.identity]));
  if (!key) throw new Error('the owner cannot open the session');
  const records: RecordHeader[] = [];
  const events: SessionEvent[] = [];
  const parts = new Map<number, Uint8Array[]>();
  const leaves: Uint8Array[] = [];
  let sessionHeader: SessionHeader | null = null;
  let close: SessionClose | null = null;
  for await (const record of store.readRange(sessionId, 0, count)) {
    const parsed = parseRecordHeader(record);
    if (!parsed.ok) throw new Error(parsed.detail);
    const { header } = parsed;
    if (header.index !== records.length || header.sessionId !== sessionId)
      throw new Error('a record is misplaced');
    if (close) throw new Error('a record lies behind the close');
    records.push(header);
    leaves.push(recordLeafHash([record]));
    const payload = record.subarray(RECORD_HEADER_BYTES);
    if (header.type === 'header') sessionHeader = soundValue(parseDocument('sessionHeader', payload));
    else if (header.type === 'event') events.push(soundValue(parseDocument('sessionEvent', payload)));
    else if (header.type === 'close') close = soundValue(parseDocument('sessionClose', payload));
    else {
      const opened = openChunk(key, codec, header, record);
      if (!opened.ok) throw new Error(opened.fault);
      const before = parts.get(header.track) ?? [];
      const offset = before.reduce((sum, each) => sum + each.length, 0);
      if (header.plainOffset !== offset) throw new Error(`track ${header.track} has a gap at ${offset}`);
      parts.set(header.track, [...before, opened.plain]);
    }
  }
  if (!sessionHeader || sessionHeader.keyCommitment !== keyCommitment(key, sessionId))
    throw new Error('record 0 does not commit to the key');
  const tree = await rig.merkle.getTree({ params: { sessionId } });
  if (tree.size !== count) throw new Error(`the tree has ${tree.size} leaves, the session ${count} records`);
  expect(bytesToHex(rootOfLeaves(leaves))).toBe(tree.root);
  const tracks = new Map([...parts].map(([track, all]) => [track, new Uint8Array(Buffer.concat(all))]));
  return { header: sessionHeader, records, events, close, tracks };
}

function soundValue<T>(parsed: { ok: true; value: T } | { ok: false; detail: string }): T {
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}
