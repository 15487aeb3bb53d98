/** Readers that give little at a time, windows that end anywhere, files that fail, and bytes that are nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, concatBytes } from '@lucid/bytes';
import { leafHash } from '@lucid/merkle';
import { encodePreamble } from '@lucid/session-format';
import fc from 'fast-check';
import { ByteWindow } from '../src/byte-window.ts';
import {
  type BundleReader,
  createBytesReader,
  openFileReader,
  VerifyError,
  verifyBundle,
  WINDOW_BYTES,
} from '../src/index.ts';
import {
  assemble,
  sampleBundle,
  samplePart,
  sampleSections,
  sampleSession,
  sealChunk,
  timeOf,
} from './sample-session.ts';

const session = sampleSession({ seed: 'reading', chunks: 9, anchored: true });
const bundle = sampleBundle(session);

test('a reader that answers later and gives a few bytes at a time leads to the same verdict', async () => {
  const whole = await verifyBundle(createBytesReader(bundle));
  const inner = createBytesReader(bundle);
  const slow: BundleReader = {
    sizeBytes: bundle.length,
    read: async (into, position) => inner.read(into.subarray(0, 7), position),
  };
  expect(whole.ok).toBe(true);
  expect(await verifyBundle(slow)).toEqual(whole);
});

test('a window gives the bytes of the file wherever it is asked', async () => {
  const bytes = Uint8Array.from({ length: 4000 }, (_, at) => (at * 7 + (at >> 8)) & 255);
  const asks = fc.array(fc.tuple(fc.nat(3999), fc.integer({ min: 1, max: 900 })), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(asks, fc.integer({ min: 1, max: 700 }), async (reads, windowBytes) => {
      const window = new ByteWindow(createBytesReader(bytes), windowBytes);
      for (const [position, wanted] of reads) {
        const sizeBytes = Math.min(wanted, bytes.length - position);
        await window.load(position, sizeBytes);
        expect(window.available(position)).toBeGreaterThanOrEqual(sizeBytes);
        expect(bytesToHex(window.view(position, sizeBytes))).toBe(
          bytesToHex(bytes.subarray(position, position + sizeBytes)),
        );
      }
    }),
  );
});

test('records across the ends of the window, and one larger than it, are hashed whole', async () => {
  const sizes = [WINDOW_BYTES - 2000, 5000, WINDOW_BYTES + 12_345, 1, 4096 - 144, 4097 - 144];
  let offset = 0;
  let next = 0;
  const records = session.records.map((record, index) => {
    const plain = new Uint8Array(sizes[next] ?? 100).fill(index);
    if (record[5] !== 2 || record[49] !== 0) return record;
    next++;
    const { fromUs, untilUs } = timeOf(record);
    const place = { index, track: 0, plainOffset: offset, fromUs, untilUs };
    offset += plain.length;
    return sealChunk({ session, plain, compressed: false, ...place });
  });
  const sections = sampleSections(session, records);
  const progress: number[] = [];
  const file = assemble(session.sessionId, { records, sections });
  const verdict = await verifyBundle(createBytesReader(file), {
    openSession: { unwrapSessionKey: () => session.sessionKey.slice() },
    onProgress: ({ doneBytes }) => progress.push(doneBytes),
  });
  // The closing record still counts the small chunks; everything else holds.
  expect(new Set(verdict.faults.map(({ code }) => code))).toEqual(new Set(['closing_wrong']));
  expect(verdict.summary.openedChunks).toBe(9);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect(progress.at(-1)).toBe(64 + records.reduce((sum, { length }) => sum + length, 0));
  expect(leafHash(records[1]!)).toHaveLength(32);
});

test('an unfinished file says how far it is sound', async () => {
  const live = session.records.slice(0, 6);
  const clean = await verifyBundle(createBytesReader(samplePart(session, live)));
  expect(clean.faults.map(({ code }) => code)).toEqual(['closing_missing']);
  expect(clean.summary).toMatchObject({
    closed: 'unfinished',
    records: 6,
    soundRecords: 6,
    checkpoint: null,
  });
  expect(clean.summary.soundUntilUs).toBe(timeOf(live[5]!).untilUs);
  const torn = samplePart(session, live).slice(0, -9);
  const cut = await verifyBundle(createBytesReader(torn));
  expect(cut.faults.map(({ code, record }) => [code, record])).toEqual([
    ['truncated_record', 5],
    ['closing_missing', undefined],
  ]);
  expect(cut.summary).toMatchObject({ soundRecords: 5, soundUntilUs: timeOf(live[4]!).untilUs });
  const offset = live.slice(0, 5).reduce((at, { length }) => at + length, 64);
  expect(cut.firstBad).toEqual({ record: 5, atUs: timeOf(live[5]!).fromUs, offset });
});

test('whatever the bytes are, the answer is a verdict', async () => {
  const preamble = encodePreamble(session.sessionId);
  const tail = bundle.slice(-900);
  const garbage = fc.uint8Array({ maxLength: 2000 });
  const pieces = fc.array(
    fc.oneof(
      garbage,
      fc.nat(bundle.length - 1).chain((from) => fc.nat(1500).map((size) => bundle.slice(from, from + size))),
      fc.constant(tail),
    ),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(pieces, fc.boolean(), async (parts, isBundle) => {
      const bytes = concatBytes(...(isBundle ? [preamble] : []), ...parts);
      if (bytesToHex(bytes) === bytesToHex(bundle)) return;
      const verdict = await verifyBundle(createBytesReader(bytes));
      expect(verdict.ok).toBe(false);
      expect(verdict.faults.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

test('a file of many copies of a record costs its length, not its square', async () => {
  const copies = Array.from({ length: 20_000 }, () => session.records[1]!);
  const file = assemble(session.sessionId, {
    records: [session.records[0]!, ...copies, session.records.at(-1)!],
    sections: sampleSections(session),
  });
  const verdict = await verifyBundle(createBytesReader(file));
  expect(verdict.faults.some(({ code }) => code === 'record_duplicated')).toBe(true);
  expect(verdict.faults.length + verdict.omittedFaults).toBeGreaterThan(0);
});

describe('files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lucid-verifier-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('are read as they are', async () => {
    const path = join(folder, 'a.lucid');
    writeFileSync(path, bundle);
    const reader = openFileReader(path);
    expect((await verifyBundle(reader)).ok).toBe(true);
    reader.close();
  });

  test('that are not there, or no files, cannot be checked', () => {
    for (const path of [join(folder, 'none'), folder])
      expect(() => openFileReader(path)).toThrow(
        expect.objectContaining({ name: 'VerifyError', code: 'unreadable' }),
      );
  });

  test('that shrink or fail while they are read cannot be checked', async () => {
    const unreadable = expect.objectContaining({ name: 'VerifyError', code: 'unreadable' });
    const shrunk = createBytesReader(bundle.slice(0, -100));
    await expect(verifyBundle({ ...shrunk, sizeBytes: bundle.length })).rejects.toEqual(unreadable);
    const broken = () => Promise.reject(new Error('EIO'));
    await expect(verifyBundle({ sizeBytes: bundle.length, read: broken })).rejects.toEqual(unreadable);
  });
});

test.each([
  ['pin_malformed', { recorderKeys: ['x'] }],
  ['pin_malformed', { ledgerKeys: [session.witness.vkey] }],
  ['pin_malformed', { witnessKeys: [session.recorder.vkey] }],
  ['seen_malformed', { seenCheckpoint: 'x' }],
  ['seen_malformed', { seenLedgerCheckpoint: 'x' }],
] as const)('%s: what the caller brings must be what it should be', async (code, options) => {
  await expect(verifyBundle(createBytesReader(bundle), options)).rejects.toEqual(
    expect.objectContaining({ code }),
  );
  expect(new VerifyError(code, 'x').name).toBe('VerifyError');
});
