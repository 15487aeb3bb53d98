/** The committed bundle and its description hold the format: it must be written and read exactly so for ever. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64ToBytes, bytesToHex, bytesToUtf8, concatBytes, hexToBytes, utf8ToBytes } from '@lucid/bytes';
import {
  createCosigner,
  createNoteSigner,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  signNote,
} from '@lucid/checkpoint';
import { hmacSha256, kdfDeriveSubkey, sha256, xchacha20poly1305Seal } from '@lucid/crypto';
import { leafHash, rootOfLeaves } from '@lucid/merkle';
import { openZstd } from '@lucid/zstd';
import { Decrypter } from 'age-encryption';
import {
  type Anchor,
  anchorEntryBytes,
  encodeControlRecord,
  encodeDocument,
  encodeIndex,
  encodePreamble,
  encodeRecordHeader,
  encodeTrailer,
  keyCommitmentMessage,
  type Manifest,
  parseDocument,
  parseIndex,
  parsePreamble,
  parseRecordHeader,
  parseTrailer,
  type Recipients,
  type SessionClose,
  type SessionEvent,
  type SessionHeader,
  tilingFault,
} from '../src/index.ts';

interface GoldenChunk {
  readonly index: number;
  readonly track: number;
  readonly plainOffset: number;
  readonly plain: string;
  readonly packed: string;
  readonly compressed: boolean;
  readonly nonce: string;
  readonly chunkKey: string;
  readonly capturedFromUs: number;
  readonly capturedUntilUs: number;
}

interface Golden {
  readonly fileSha256: string;
  readonly fileSizeBytes: number;
  readonly sessionId: string;
  readonly sessionKey: string;
  readonly ageIdentity: string;
  readonly recorder: { readonly vkey: string; readonly seed: string };
  readonly ledger: { readonly vkey: string; readonly seed: string };
  readonly witness: { readonly vkey: string; readonly seed: string; readonly timestamp: number };
  readonly fileOrder: readonly number[];
  readonly header: SessionHeader;
  readonly chunks: readonly GoldenChunk[];
  readonly event: SessionEvent;
  readonly close: SessionClose;
  readonly records: readonly { offset: number; sizeBytes: number; leafHash: string }[];
  readonly recordsEnd: number;
  readonly merkleRoot: string;
  readonly manifest: Manifest;
  readonly checkpoint: string;
  readonly recipients: Recipients;
  readonly anchor: Anchor;
}

const folder = join(__dirname, '../../../vectors/evidence');
const file = new Uint8Array(readFileSync(join(folder, 'tiny.lucid')));
const golden: Golden = JSON.parse(readFileSync(join(folder, 'tiny.json'), 'utf8'));
const { sessionId } = golden;
const trailer = file.subarray(golden.recordsEnd);
const hex = bytesToHex;

function sealedRecord(chunk: GoldenChunk): Uint8Array {
  const [plain, packed, nonce] = [chunk.plain, chunk.packed, chunk.nonce].map(hexToBytes) as Uint8Array[];
  const header = encodeRecordHeader({
    ...chunk,
    type: 'chunk',
    sealed: true,
    sessionId,
    payloadSizeBytes: packed!.length + 16,
    plainSizeBytes: plain!.length,
    packedSizeBytes: packed!.length,
    nonce: nonce!,
  });
  return concatBytes(header, xchacha20poly1305Seal(hexToBytes(chunk.chunkKey), nonce!, packed!, header));
}

function writtenRecords(): Uint8Array[] {
  const control = (type: 'header' | 'event' | 'close', index: number, atUs: number, payload: Uint8Array) =>
    concatBytes(...encodeControlRecord({ type, sessionId, index, atUs, payload }));
  const [first, second, third] = golden.chunks.map(sealedRecord);
  return [
    control('header', 0, golden.header.startedAtUs, encodeDocument('sessionHeader', golden.header)),
    first!,
    second!,
    control('event', 3, golden.event.atUs, encodeDocument('sessionEvent', golden.event)),
    third!,
    control('close', 5, golden.close.atUs, encodeDocument('sessionClose', golden.close)),
  ];
}

test('the file is the committed one', () => {
  expect(file.length).toBe(golden.fileSizeBytes);
  expect(hex(sha256(file))).toBe(golden.fileSha256);
});

test('writing what the description says gives the bytes of the file', () => {
  const records = writtenRecords();
  const rows = golden.records.map((row) => ({ ...row, leafHash: hexToBytes(row.leafHash) }));
  const written = concatBytes(
    encodePreamble(sessionId),
    ...golden.fileOrder.map((index) => records[index]!),
    encodeTrailer(
      {
        MANI: encodeDocument('manifest', golden.manifest),
        CKPT: utf8ToBytes(golden.checkpoint),
        INDX: encodeIndex(rows),
        KEYS: encodeDocument('recipients', golden.recipients),
        ANCH: encodeDocument('anchor', golden.anchor),
      },
      golden.recordsEnd,
    ),
  );
  expect(hex(written)).toBe(hex(file));
  expect(records.map((record) => hex(leafHash(record)))).toEqual(golden.records.map((row) => row.leafHash));
  expect(hex(rootOfLeaves(records.map((record) => leafHash(record))))).toBe(golden.merkleRoot);
});

test('reading the file gives what the description says', () => {
  expect(parsePreamble(file)).toEqual({ ok: true, value: { sessionId } });
  const parsed = parseTrailer(trailer, file.length);
  if (!parsed.ok) throw new Error(parsed.detail);
  const { MANI, CKPT, INDX, KEYS, ANCH } = parsed.value.sections;
  expect(parsed.value.footer.trailerOffset).toBe(golden.recordsEnd);
  expect(parseDocument('manifest', MANI!)).toEqual({ ok: true, value: golden.manifest });
  expect(bytesToUtf8(CKPT!)).toBe(golden.checkpoint);
  expect(parseDocument('recipients', KEYS!)).toEqual({ ok: true, value: golden.recipients });
  expect(parseDocument('anchor', ANCH!)).toEqual({ ok: true, value: golden.anchor });
  const index = parseIndex(INDX!);
  if (!index.ok) throw new Error(index.detail);
  expect(tilingFault(index.value, golden.recordsEnd)).toBeNull();
  expect(index.value.map((row) => ({ ...row, leafHash: hex(row.leafHash) }))).toEqual(golden.records);
  const headers = index.value.map(({ offset }) => parseRecordHeader(file.subarray(offset)));
  expect(headers.map((header) => header.ok && [header.header.index, header.header.type])).toEqual(
    ['header', 'chunk', 'chunk', 'event', 'chunk', 'close'].map((type, at) => [at, type]),
  );
});

test('keys: commitment, chunk keys, Zstandard frame', async () => {
  const key = hexToBytes(golden.sessionKey);
  expect(hex(hmacSha256(key, ...keyCommitmentMessage(sessionId)))).toBe(golden.header.keyCommitment);
  for (const chunk of golden.chunks)
    expect(hex(kdfDeriveSubkey(key, chunk.index, 'lucidchk'))).toBe(chunk.chunkKey);
  const compressed = golden.chunks.find((chunk) => chunk.compressed)!;
  const plain = new Uint8Array(compressed.plain.length / 2);
  const zstd = await openZstd();
  expect(zstd.decompress(plain, hexToBytes(compressed.packed))).toBe(plain.length);
  expect(hex(plain)).toBe(compressed.plain);
});

test('the wrap opens with age and gives the session key', async () => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(golden.ageIdentity);
  const opened = await decrypter.decrypt(base64ToBytes(golden.recipients.wraps[0]!.age));
  expect(hex(new Uint8Array(opened))).toBe(golden.sessionKey);
});

test('checkpoints are what their keys sign', () => {
  const sign = ({ vkey, seed }: { vkey: string; seed: string }) =>
    createNoteSigner({ name: parseVerifierKey(vkey).name, secretKey: hexToBytes(seed) });
  const own = parseNote(golden.checkpoint);
  expect(signNote(own.text, [sign(golden.recorder)])).toBe(golden.checkpoint);
  expect(parseCheckpoint(own.text)).toMatchObject({ origin: `lucid.invalid/session/${sessionId}`, size: 6 });
  const witness = createCosigner({
    name: parseVerifierKey(golden.witness.vkey).name,
    secretKey: hexToBytes(golden.witness.seed),
    timestamp: () => golden.witness.timestamp,
  });
  const anchored = parseNote(golden.anchor.checkpoint);
  expect(signNote(anchored.text, [sign(golden.ledger), witness])).toBe(golden.anchor.checkpoint);
  const entry = parseDocument('sessionRegistered', anchorEntryBytes(golden.anchor));
  expect(entry.ok && entry.value.checkpoint).toBe(golden.checkpoint);
});
