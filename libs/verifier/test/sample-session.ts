/** A writer of small sessions for tests, from the core packages alone. Same seed, same bytes. */
import { bytesToBase64, bytesToHex, concatBytes, utf8ToBytes } from '@lucid/bytes';
import {
  createCosigner,
  createNoteSigner,
  formatCheckpoint,
  formatVerifierKey,
  signCheckpoint,
  signNote,
} from '@lucid/checkpoint';
import { ed25519PublicKey, hmacSha256, kdfDeriveSubkey, sha256, xchacha20poly1305Seal } from '@lucid/crypto';
import { inclusionProof, leafHash, rootOfLeaves } from '@lucid/merkle';
import {
  encodeControlRecord,
  encodeDocument,
  encodeIndex,
  encodePreamble,
  encodeRecordHeader,
  encodeTrailer,
  keyCommitmentMessage,
  type Manifest,
  parseDocument,
  parseRecordHeader,
  RECORD_HEADER_BYTES,
  type Sections,
  type SessionClose,
  type SessionEvent,
  type SessionHeader,
  sessionOrigin,
  type Track,
} from '@lucid/session-format';

/** Bytes out of a text: SHA-256 in counter mode. */
export function seededBytes(seed: string, sizeBytes: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at * 32 < sizeBytes; at++) blocks.push(sha256(utf8ToBytes(`${seed}/${at}`)));
  return concatBytes(...blocks).slice(0, sizeBytes);
}

/** Whole numbers below `limit`, one after the other out of a text. */
export function seededNumbers(seed: string): (limit: number) => number {
  let drawn = 0;
  return (limit) => {
    const bytes = sha256(utf8ToBytes(`${seed}#${drawn++}`));
    return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0) % BigInt(limit));
  };
}

export interface TestKey {
  readonly name: string;
  readonly secretKey: Uint8Array;
  readonly vkey: string;
}

export function testKey(name: string, seed = name, alg: 1 | 4 = 1): TestKey {
  const secretKey = seededBytes(`key/${seed}`, 32);
  return { name, secretKey, vkey: formatVerifierKey({ name, publicKey: ed25519PublicKey(secretKey), alg }) };
}

export interface SampleOptions {
  readonly seed: string;
  readonly chunks?: number;
  /** Largest plain size. */
  readonly chunkBytes?: number;
  readonly anchored?: boolean;
  readonly recorder?: TestKey;
  readonly ledger?: TestKey;
  readonly closed?: 'ended' | 'interrupted';
  readonly withEvents?: boolean;
  readonly compressed?: boolean;
}

export interface SampleSession {
  readonly options: SampleOptions;
  readonly sessionId: string;
  readonly sessionKey: Uint8Array;
  readonly header: SessionHeader;
  readonly records: readonly Uint8Array[];
  readonly plain: ReadonlyMap<number, Uint8Array>;
  readonly recorder: TestKey;
  readonly ledger: TestKey;
  readonly witness: TestKey;
}

const START_US = 1_763_683_200_000_000;
const tracks: readonly Track[] = [
  { track: 0, kind: 'terminal', mediaType: 'application/x-asciicast' },
  { track: 1, kind: 'file', mediaType: 'application/octet-stream', name: 'notes.txt' },
];

export const timeOf = (record: Uint8Array): { fromUs: number; untilUs: number } => {
  const parsed = parseRecordHeader(record);
  if (!parsed.ok) throw new Error(parsed.detail);
  return { fromUs: parsed.header.capturedFromUs, untilUs: parsed.header.capturedUntilUs };
};

/** Stands in for Zstandard: what it gives is shorter and gives the same bytes back. */
export const toyCompress = (plain: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(plain[0] ?? 0), new Uint8Array(new Uint32Array([plain.length]).buffer));
export function toyDecompress(packed: Uint8Array): Uint8Array {
  if (packed.length !== 5) throw new Error('not a toy frame');
  return new Uint8Array(new DataView(packed.buffer, packed.byteOffset).getUint32(1, true)).fill(
    packed[0] ?? 0,
  );
}

interface ChunkInput {
  readonly session: Pick<SampleSession, 'sessionId' | 'sessionKey'>;
  readonly index: number;
  readonly track: number;
  readonly plainOffset: number;
  readonly plain: Uint8Array;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly compressed: boolean;
}

export function sealChunk({
  session,
  index,
  track,
  plainOffset,
  plain,
  fromUs,
  untilUs,
  compressed,
}: ChunkInput): Uint8Array {
  const packed = compressed ? toyCompress(plain) : plain;
  const nonce = seededBytes(`nonce/${session.sessionId}/${index}`, 24);
  const header = encodeRecordHeader({
    type: 'chunk',
    compressed,
    sealed: true,
    sessionId: session.sessionId,
    index,
    track,
    payloadSizeBytes: packed.length + 16,
    capturedFromUs: fromUs,
    capturedUntilUs: untilUs,
    plainOffset,
    plainSizeBytes: plain.length,
    packedSizeBytes: packed.length,
    nonce,
  });
  const key = kdfDeriveSubkey(session.sessionKey, index, 'lucidchk');
  return concatBytes(header, xchacha20poly1305Seal(key, nonce, packed, header));
}

/** Record 0, chunks of two tracks with events between, closing record; each record has its own second. */
export function sampleSession(options: SampleOptions): SampleSession {
  const { seed, chunks = 6, chunkBytes = 900, withEvents = true, compressed = false } = options;
  const draw = seededNumbers(`session/${seed}`);
  const sessionId = bytesToHex(seededBytes(`id/${seed}`, 32));
  const sessionKey = seededBytes(`session key/${seed}`, 32);
  const recorder = options.recorder ?? testKey('recorder.example');
  const ledger = options.ledger ?? testKey('ledger.example');
  const header: SessionHeader = {
    format: 'lucid-session/1',
    sessionId,
    owner: 'age1owner',
    recorder: recorder.vkey,
    recipients: ['age1owner', 'age1recovery'],
    keyCommitment: bytesToHex(hmacSha256(sessionKey, ...keyCommitmentMessage(sessionId))),
    title: `sample ${seed}`,
    startedAtUs: START_US,
    chunkSizeBytes: 65_536,
    tracks,
    software: 'lucid-test/1',
  };
  const records: Uint8Array[] = [];
  const plain = new Map<number, Uint8Array>();
  const control = (type: 'header' | 'event' | 'close', atUs: number, payload: Uint8Array): void => {
    records.push(
      concatBytes(...encodeControlRecord({ type, sessionId, index: records.length, atUs, payload })),
    );
  };
  control('header', START_US, encodeDocument('sessionHeader', header));
  const offsets = [0, 0];
  let events = 0;
  for (let at = 0; at < chunks; at++) {
    const fromUs = START_US + records.length * 1_000_000;
    const track = at % 3 === 2 ? 1 : 0;
    const size = 1 + draw(chunkBytes);
    const bytes =
      compressed && size > 5 ? new Uint8Array(size).fill(draw(256)) : seededBytes(`${seed}/${at}`, size);
    const record = sealChunk({
      session: { sessionId, sessionKey },
      index: records.length,
      track,
      plainOffset: offsets[track] ?? 0,
      plain: bytes,
      fromUs,
      untilUs: fromUs + 900_000,
      compressed: compressed && size > 5,
    });
    plain.set(records.length, bytes);
    records.push(record);
    offsets[track] = (offsets[track] ?? 0) + size;
    if (withEvents && at % 4 === 1) {
      events++;
      const atUs = START_US + records.length * 1_000_000;
      const gap = { fromUs: atUs - 5, untilUs: atUs, reason: 'encoder restarted' };
      const event: SessionEvent =
        at % 8 === 1
          ? { event: 'gap', atUs, track: 0, detail: gap }
          : { event: 'note', atUs, detail: { text: 'é' } };
      control('event', atUs, encodeDocument('sessionEvent', event));
    }
  }
  const atUs = START_US + records.length * 1_000_000;
  const closed = options.closed ?? 'ended';
  const reason = closed === 'interrupted' ? { reason: 'the recorder was killed' } : {};
  const plainBytes = (offsets[0] ?? 0) + (offsets[1] ?? 0);
  control(
    'close',
    atUs,
    encodeDocument('sessionClose', { closed, atUs, chunks, events, plainBytes, ...reason }),
  );
  return {
    options,
    sessionId,
    sessionKey,
    header,
    records,
    plain,
    recorder,
    ledger,
    witness: testKey('witness.example', 'witness.example', 4),
  };
}

export const rootHex = (records: readonly Uint8Array[]): string =>
  bytesToHex(rootOfLeaves(records.map((record) => leafHash(record))));

/** A checkpoint over the first `size` records. */
export const sampleCheckpoint = (
  session: Pick<SampleSession, 'sessionId' | 'recorder'>,
  records: readonly Uint8Array[],
  size = records.length,
): string =>
  signCheckpoint(
    {
      origin: sessionOrigin(session.sessionId),
      size,
      root: rootOfLeaves(records.slice(0, size).map((record) => leafHash(record))),
    },
    createNoteSigner(session.recorder),
  );

export function sampleManifest(
  session: SampleSession,
  records: readonly Uint8Array[] = session.records,
): Manifest {
  const { header } = session;
  const headers = records.map((record) => {
    const parsed = parseRecordHeader(record);
    if (!parsed.ok) throw new Error(parsed.detail);
    return parsed.header;
  });
  const chunks = headers.filter(({ type }) => type === 'chunk');
  const last = records.at(-1)?.subarray(RECORD_HEADER_BYTES) ?? new Uint8Array();
  const close = parseDocument('sessionClose', last);
  const closing: Pick<SessionClose, 'atUs' | 'closed' | 'reason'> = close.ok
    ? close.value
    : { atUs: header.startedAtUs, closed: 'ended' };
  const { closed, reason } = closing;
  const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
  return {
    format: 'lucid-manifest/1',
    sessionId: header.sessionId,
    owner: header.owner,
    recorder: header.recorder,
    startedAtUs: header.startedAtUs,
    endedAtUs: closing.atUs,
    closed,
    ...(reason === undefined ? {} : { reason }),
    treeSize: records.length,
    merkleRoot: rootHex(records),
    chunkCount: chunks.length,
    plainBytes: sum(chunks.map(({ plainSizeBytes }) => plainSizeBytes)),
    storedBytes: sum(records.map(({ length }) => length)),
    tracks: header.tracks.map((track) => {
      const own = chunks.filter((chunk) => chunk.track === track.track);
      return {
        ...track,
        chunks: own.length,
        plainBytes: sum(own.map(({ plainSizeBytes }) => plainSizeBytes)),
      };
    }),
  };
}

export const sampleRecipients = (session: SampleSession): Uint8Array =>
  encodeDocument('recipients', {
    format: 'lucid-recipients/1',
    sessionId: session.sessionId,
    wraps: session.header.recipients.map((recipient) => ({
      recipient,
      age: bytesToBase64(utf8ToBytes(`age-encryption.org/v1\n-> X25519 ${recipient}\n`)),
    })),
  });

export interface LedgerState {
  readonly entries: readonly Uint8Array[];
  readonly checkpoint: string;
}

/** A ledger of a few other entries around this one, its checkpoint cosigned by a witness. */
export function sampleLedger(
  session: SampleSession,
  entry: Uint8Array,
  around = 3,
): LedgerState & { index: number } {
  const others = Array.from({ length: 2 * around }, (_, at) => utf8ToBytes(`{"other":${at}}`));
  const entries = [...others.slice(0, around), entry, ...others.slice(around)];
  const root = rootOfLeaves(entries.map((each) => leafHash(each)));
  const text = formatCheckpoint({ origin: session.ledger.name, size: entries.length, root });
  const cosigner = createCosigner({ ...session.witness, timestamp: () => 1_763_683_300 });
  return { entries, index: around, checkpoint: signNote(text, [createNoteSigner(session.ledger), cosigner]) };
}

export function sampleEntry(session: SampleSession, manifest: Manifest, checkpoint: string): Uint8Array {
  return encodeDocument('sessionRegistered', {
    type: 'SessionRegistered',
    sessionId: manifest.sessionId,
    manifestHash: bytesToHex(sha256(encodeDocument('manifest', manifest))),
    startedAt: Math.floor(manifest.startedAtUs / 1_000_000),
    owner: session.header.owner,
    merkleRoot: manifest.merkleRoot,
    chunkCount: manifest.chunkCount,
    checkpoint,
  });
}

export function sampleAnchor(session: SampleSession, entry: Uint8Array): Uint8Array {
  const { entries, index, checkpoint } = sampleLedger(session, entry);
  const leaves = entries.map((each) => leafHash(each));
  return encodeDocument('anchor', {
    format: 'lucid-anchor/1',
    kind: 'ledger',
    ledger: session.ledger.vkey,
    entry: bytesToBase64(entry),
    index,
    inclusion: inclusionProof(leaves, index, leaves.length).map(bytesToHex),
    checkpoint,
  });
}

export interface BundleParts {
  /** By log index. */
  readonly records: readonly Uint8Array[];
  /** Log indices in file order; default: as they are. */
  readonly order?: readonly number[];
  readonly sections: Sections;
}

/** Sections that fit `records`, whatever those are: what an attacker without the recorder's key can make, but for `CKPT`. */
export function sampleSections(
  session: SampleSession,
  records: readonly Uint8Array[] = session.records,
): Sections {
  const manifest = sampleManifest(session, records);
  const checkpoint = sampleCheckpoint(session, records);
  const anchor = session.options.anchored
    ? { ANCH: sampleAnchor(session, sampleEntry(session, manifest, checkpoint)) }
    : {};
  return {
    MANI: encodeDocument('manifest', manifest),
    CKPT: utf8ToBytes(checkpoint),
    INDX: indexOf({ records }),
    KEYS: sampleRecipients(session),
    ...anchor,
  };
}

export function indexOf({ records, order }: Pick<BundleParts, 'records' | 'order'>): Uint8Array {
  const rows = records.map((record) => ({ offset: 0, sizeBytes: record.length, leafHash: leafHash(record) }));
  let offset = 64;
  for (const record of order ?? records.keys()) {
    const row = rows[record]!;
    row.offset = offset;
    offset += row.sizeBytes;
  }
  return encodeIndex(rows);
}

/** A whole file; the index is made anew only where `sections` has none of its own. */
export function assemble(sessionId: string, { records, order, sections }: BundleParts): Uint8Array {
  const area = concatBytes(
    encodePreamble(sessionId),
    ...[...(order ?? records.keys())].map((at) => records[at]!),
  );
  return concatBytes(area, encodeTrailer(sections, area.length));
}

export function sampleBundle(session: SampleSession, order?: readonly number[]): Uint8Array {
  const { records } = session;
  const sections = { ...sampleSections(session), INDX: indexOf({ records, order }) };
  return assemble(session.sessionId, { records, order, sections });
}

/** The file while the session is live. */
export const samplePart = (session: SampleSession, records: readonly Uint8Array[]): Uint8Array =>
  concatBytes(encodePreamble(session.sessionId), ...records);
