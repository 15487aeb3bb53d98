/** Sealing a chunk, and writing events and the closing record. Both are idempotent by (session, index). */
import { bytesToHex, equalBytes } from '@lucid/bytes';
import type { InputOf, OutputOf, sessionEncryptorContract } from '@lucid/contracts';
import { recordLeafHash, sealChunk, unsealChunk } from '@lucid/pipeline';
import type { CallOptions } from '@lucid/service-kit';
import {
  encodeControlRecord,
  NONCE_BYTES,
  parseDocument,
  RECORD_HEADER_BYTES,
  type RecordHeader,
  type SessionClose,
} from '@lucid/session-format';
import { recordSizeBytes } from './head-counter.ts';
import type { KeyVault } from './key-vault.ts';
import { problem } from './problems.ts';
import type { SessionLog, WrittenRecord } from './session-log.ts';

type Operations = (typeof sessionEncryptorContract)['operations'];
type Call = CallOptions['call'];
export type ChunkInput = InputOf<Operations['putChunk']>;
type ControlInput = InputOf<Operations['putControl']>;
export type StoredRecord = OutputOf<Operations['putChunk']>;

interface PutDependencies {
  readonly vault: KeyVault;
  readonly random: (sizeBytes: number) => Uint8Array;
}

/** Runs inside the session's queue. */
export async function putChunk(
  { vault, random }: PutDependencies,
  log: SessionLog,
  input: ChunkInput,
  call: Call,
): Promise<StoredRecord> {
  const { params, query, body } = input;
  const key = vault.borrow(log.sessionId);
  if (params.index < log.records)
    return again(log, params.index, (each) => isSameChunk(each, input, key), call);
  assertNext(log, params.index);
  if (!key) throw problem('key_forgotten');
  assertChunk(log, input);
  const sealed = sealChunk(key, {
    ...query,
    sessionId: log.sessionId,
    index: params.index,
    packed: body,
    nonce: random(NONCE_BYTES),
  });
  const { sizeBytes, leafHash } = sealed;
  await log.append(sealed.parts, leafHash, {
    track: query.track,
    plainSizeBytes: query.plainSizeBytes,
    sizeBytes,
    untilUs: query.untilUs,
  });
  await log.acknowledge(call);
  return { index: params.index, leafHash: bytesToHex(leafHash), storedBytes: sizeBytes };
}

/** Runs inside the session's queue. */
export async function putControl(
  { vault }: PutDependencies,
  log: SessionLog,
  input: ControlInput,
  call: Call,
): Promise<StoredRecord> {
  const { params, query, body: payload } = input;
  if (params.index < log.records) return again(log, params.index, (each) => isSameControl(each, input), call);
  assertNext(log, params.index);
  const closed = query.type === 'close' ? judgeClose(log, input) : undefined;
  if (query.type === 'event') judgeEvent(input);
  const { sessionId } = log;
  const parts = encodeControlRecord({ ...query, sessionId, index: params.index, payload });
  const leafHash = recordLeafHash(parts);
  const sizeBytes = parts[0].length + parts[1].length;
  await log.append(parts, leafHash, { type: query.type, sizeBytes, untilUs: query.atUs, closed });
  if (closed) vault.wipe(sessionId);
  await log.acknowledge(call);
  return { index: params.index, leafHash: bytesToHex(leafHash), storedBytes: sizeBytes };
}

function assertNext(log: SessionLog, index: number): void {
  if (log.closed) throw problem('session_closed');
  if (index !== log.records) throw problem('record_out_of_order', { extensions: { expected: log.records } });
}

/** What a verifier would refuse is not written. */
function assertChunk(log: SessionLog, { query, body }: ChunkInput): void {
  const refuse = (detail: string) => problem('invalid_request', { detail });
  if (!log.hasTrack(query.track)) throw refuse('The session has no such track.');
  if (query.plainSizeBytes > log.chunkSizeBytes) throw refuse('The chunk is larger than the session allows.');
  if (query.untilUs < query.fromUs) throw refuse('untilUs is before fromUs.');
  const fits = query.compressed
    ? body.length > 0 && body.length < query.plainSizeBytes
    : body.length === query.plainSizeBytes;
  if (!fits) throw refuse('The size of the packed chunk does not fit its plain size.');
  const expectedOffset = log.nextOffset(query.track);
  if (query.plainOffset !== expectedOffset)
    throw problem('record_out_of_order', { extensions: { expected: log.records, expectedOffset } });
}

async function again(
  log: SessionLog,
  index: number,
  isSame: (stored: WrittenRecord) => boolean,
  call: Call,
): Promise<StoredRecord> {
  const stored = await log.read(index);
  if (!isSame(stored)) throw problem('record_conflict');
  await log.acknowledge(call);
  return {
    index,
    leafHash: bytesToHex(recordLeafHash([stored.bytes])),
    storedBytes: recordSizeBytes(stored.header),
  };
}

/** Every seal has a nonce of its own, so the stored chunk is opened: without the key nobody can say whether it is the same. */
function isSameChunk({ header, bytes }: WrittenRecord, input: ChunkInput, key: Uint8Array | null): boolean {
  if (!hasSameHeader(header, input)) return false;
  if (!key) throw problem('key_forgotten');
  const packed = unsealChunk(key, header, bytes);
  return packed !== null && equalBytes(packed, input.body);
}

function hasSameHeader(header: RecordHeader, { query, body }: ChunkInput): boolean {
  return (
    header.type === 'chunk' &&
    header.track === query.track &&
    header.plainOffset === query.plainOffset &&
    header.plainSizeBytes === query.plainSizeBytes &&
    header.packedSizeBytes === body.length &&
    header.compressed === query.compressed &&
    header.capturedFromUs === query.fromUs &&
    header.capturedUntilUs === query.untilUs
  );
}

const isSameControl = ({ header, bytes }: WrittenRecord, { query, body }: ControlInput): boolean =>
  header.type === query.type &&
  header.capturedFromUs === query.atUs &&
  equalBytes(bytes.subarray(RECORD_HEADER_BYTES), body);

function judgeEvent({ query, body }: ControlInput): void {
  const parsed = parseDocument('sessionEvent', body);
  if (!parsed.ok) throw problem('invalid_request', { detail: parsed.detail });
  if (parsed.value.atUs !== query.atUs) throw problem('invalid_request', { detail: 'atUs differs.' });
}

function judgeClose(log: SessionLog, { query, body }: ControlInput): SessionClose['closed'] {
  const parsed = parseDocument('sessionClose', body);
  if (!parsed.ok) throw problem('invalid_request', { detail: parsed.detail });
  const { closed, atUs, chunks, events, plainBytes } = parsed.value;
  const counts = log.counts();
  const agrees = chunks === counts.chunks && events === counts.events && plainBytes === counts.plainBytes;
  if (!agrees || atUs !== query.atUs)
    throw problem('invalid_request', { detail: 'The closing record does not count what precedes it.' });
  if (closed === 'interrupted' && atUs !== counts.capturedUntilUs)
    throw problem('invalid_request', { detail: 'An interrupted session ended at its last record.' });
  return closed;
}
