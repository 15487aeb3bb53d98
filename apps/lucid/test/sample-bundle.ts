/** A small finished bundle for tests, written with the stages of the product and real age recipients. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTrailer } from '@lucid/bundle';
import { bytesToBase64, bytesToHex, concatBytes } from '@lucid/bytes';
import { createNoteSigner, formatVerifierKey, signCheckpoint } from '@lucid/checkpoint';
import { ed25519GenerateKey, randomBytes } from '@lucid/crypto';
import { leafHash, rootOfLeaves } from '@lucid/merkle';
import { keyCommitment, packChunk, packScratchBytes, sealChunk } from '@lucid/pipeline';
import { formatIdentityFile, generateIdentity, type KeyPair, wrapSessionKey } from '@lucid/recipients';
import {
  encodeControlRecord,
  encodeDocument,
  encodePreamble,
  type Manifest,
  PREAMBLE_BYTES,
  sessionOrigin,
  type Track,
} from '@lucid/session-format';
import { openZstd } from '@lucid/zstd';

export interface SampleOptions {
  /** Plain bytes of each track, cut into chunks of `chunkBytes`. */
  readonly tracks: readonly { readonly track: Track; readonly plain: Uint8Array }[];
  readonly chunkBytes?: number;
  readonly closed?: 'ended' | 'interrupted';
  readonly recorderName?: string;
}

export interface SampleBundle {
  readonly path: string;
  readonly folder: string;
  readonly bytes: Uint8Array;
  readonly sessionId: string;
  readonly sessionKey: Uint8Array;
  readonly recorderKey: string;
  readonly owner: KeyPair;
  /** Path of the owner's identity file. */
  readonly identityPath: string;
  /** Where each record begins. */
  readonly offsets: readonly number[];
}

const START_US = 1_763_683_200_000_000;
const folders: string[] = [];

/** Call after all tests. */
export function removeSamples(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

export function sampleFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-cli-'));
  folders.push(folder);
  return folder;
}

export const fileTrack = (name = 'notes.txt'): Track => ({
  track: 0,
  kind: 'file',
  mediaType: 'application/octet-stream',
  name,
});

async function sealAll(
  sessionId: string,
  sessionKey: Uint8Array,
  options: SampleOptions,
  records: Uint8Array[],
) {
  const codec = await openZstd('auto');
  const { chunkBytes = 1000 } = options;
  let chunks = 0;
  for (const { track, plain } of options.tracks) {
    for (let at = 0; at < plain.length; at += chunkBytes) {
      const part = plain.subarray(at, at + chunkBytes);
      const packed = packChunk(codec, part, new Uint8Array(packScratchBytes(part.length)));
      const atUs = START_US + records.length * 1_000_000;
      const { parts } = sealChunk(sessionKey, {
        sessionId,
        index: records.length,
        track: track.track,
        fromUs: atUs,
        untilUs: atUs + 500_000,
        plainOffset: at,
        plainSizeBytes: part.length,
        ...packed,
        nonce: randomBytes(24),
      });
      records.push(concatBytes(...parts));
      chunks++;
    }
  }
  return chunks;
}

export async function sampleBundle(options: SampleOptions): Promise<SampleBundle> {
  const sessionId = bytesToHex(randomBytes(32));
  const sessionKey = randomBytes(32);
  const { secretKey, publicKey } = ed25519GenerateKey();
  const name = options.recorderName ?? 'recorder.example';
  const recorder = formatVerifierKey({ name, publicKey });
  const owner = await generateIdentity();
  const tracks = options.tracks.map(({ track }) => track);
  const records: Uint8Array[] = [];
  const control = (type: 'header' | 'close', atUs: number, payload: Uint8Array) =>
    records.push(
      concatBytes(...encodeControlRecord({ type, sessionId, index: records.length, atUs, payload })),
    );
  const header = {
    format: 'lucid-session/1' as const,
    sessionId,
    owner: owner.recipient,
    recorder,
    recipients: [owner.recipient],
    keyCommitment: keyCommitment(sessionKey, sessionId),
    startedAtUs: START_US,
    chunkSizeBytes: 65_536,
    tracks,
    software: 'lucid-test/1',
  };
  control('header', START_US, encodeDocument('sessionHeader', header));
  const chunks = await sealAll(sessionId, sessionKey, options, records);
  const plainBytes = options.tracks.reduce((sum, { plain }) => sum + plain.length, 0);
  const closed = options.closed ?? 'ended';
  const reason = closed === 'interrupted' ? { reason: 'the host was killed' } : {};
  const endUs = START_US + records.length * 1_000_000;
  control(
    'close',
    endUs,
    encodeDocument('sessionClose', { closed, atUs: endUs, chunks, events: 0, plainBytes, ...reason }),
  );
  const hashes = records.map((record) => leafHash(record));
  const root = rootOfLeaves(hashes);
  const offsets: number[] = [];
  let recordsEnd = PREAMBLE_BYTES;
  for (const record of records) {
    offsets.push(recordsEnd);
    recordsEnd += record.length;
  }
  const manifest: Manifest = {
    format: 'lucid-manifest/1',
    sessionId,
    owner: owner.recipient,
    recorder,
    startedAtUs: START_US,
    endedAtUs: endUs,
    closed,
    ...reason,
    treeSize: records.length,
    merkleRoot: bytesToHex(root),
    chunkCount: chunks,
    plainBytes,
    storedBytes: recordsEnd - PREAMBLE_BYTES,
    tracks: options.tracks.map(({ track, plain }) => ({
      ...track,
      chunks: Math.ceil(plain.length / (options.chunkBytes ?? 1000)),
      plainBytes: plain.length,
    })),
  };
  const age = bytesToBase64(await wrapSessionKey(sessionKey, owner.recipient));
  const trailer = buildTrailer({
    sessionId,
    manifest,
    checkpoint: signCheckpoint(
      { origin: sessionOrigin(sessionId), size: records.length, root },
      createNoteSigner({ name, secretKey }),
    ),
    rows: records.map(({ length }, at) => ({
      offset: offsets[at] as number,
      sizeBytes: length,
      leafHash: hashes[at] as Uint8Array,
    })),
    recipients: {
      format: 'lucid-recipients/1',
      sessionId,
      wraps: [{ recipient: owner.recipient, label: 'owner', age }],
    },
    recordsEnd,
  });
  const bytes = concatBytes(encodePreamble(sessionId), ...records, trailer);
  const folder = sampleFolder();
  const path = join(folder, 'sample.lucid');
  const identityPath = join(folder, 'owner.agekey');
  writeFileSync(path, bytes);
  writeFileSync(identityPath, formatIdentityFile({ ...owner, createdAt: '2026-01-01T00:00:00Z' }), {
    mode: 0o600,
  });
  return { path, folder, bytes, sessionId, sessionKey, recorderKey: recorder, owner, identityPath, offsets };
}
