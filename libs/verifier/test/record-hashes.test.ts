/** Chunks counted by the hash in the index: what is still refused, what is not seen, and how little is read. */
import { type BundleReader, createBytesReader, verifyBundle } from '../src/index.ts';
import { sampleBundle, sampleSession } from './sample-session.ts';

const session = sampleSession({ seed: 'record hashes', chunks: 24, chunkBytes: 65_536, anchored: true });
const bundle = sampleBundle(session, [...session.records.keys()]);
const options = {
  recorderKeys: [session.recorder.vkey],
  ledgerKeys: [session.ledger.vkey],
  recordHashes: 'from-index' as const,
};

const codesOf = async (bytes: Uint8Array) => {
  const verdict = await verifyBundle(createBytesReader(bytes), options);
  return verdict.faults.map(({ code }) => code);
};

/** Where record `index` begins in the file. */
const offsetOf = (index: number): number =>
  64 + session.records.slice(0, index).reduce((sum, { length }) => sum + length, 0);

const flipped = (at: number): Uint8Array => {
  const bytes = bundle.slice();
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};

test('a clean bundle is verified, says how, and its chunks are not read', async () => {
  let readBytes = 0;
  const inner = createBytesReader(bundle);
  const reader: BundleReader = {
    sizeBytes: inner.sizeBytes,
    async read(into, position) {
      const given = await inner.read(into, position);
      readBytes += given;
      return given;
    },
  };
  const verdict = await verifyBundle(reader, options);
  expect(verdict.faults).toEqual([]);
  expect(verdict.summary.recordHashes).toBe('from-index');
  expect(readBytes).toBeLessThan(bundle.length / 3);
});

test('without the option every byte is read', async () => {
  const verdict = await verifyBundle(createBytesReader(bundle), {});
  expect(verdict.summary.recordHashes).toBe('read');
});

test('a byte changed in a chunk is seen only when chunks are read or opened', async () => {
  const changed = flipped(offsetOf(1) + 128 + 5);
  expect(await codesOf(changed)).toEqual([]);
  const read = await verifyBundle(createBytesReader(changed), { ...options, recordHashes: 'read' });
  expect(read.faults).toMatchObject([{ code: 'record_changed', record: 1 }]);
  const opened = await verifyBundle(createBytesReader(changed), {
    ...options,
    openSession: { unwrapSessionKey: () => session.sessionKey.slice() },
  });
  expect(opened.ok).toBe(false);
  expect(opened.summary.recordHashes).toBe('read');
});

test('control records, sections and footer are judged as ever, at every eighth byte', async () => {
  const control = [...session.records.keys()].filter((index) => session.records[index]?.[5] !== 2);
  const recordsEnd = offsetOf(session.records.length);
  const places = [
    ...control.flatMap((index) => Array.from(session.records[index] ?? [], (_, at) => offsetOf(index) + at)),
    ...Array.from({ length: bundle.length - recordsEnd }, (_, at) => recordsEnd + at),
  ].filter((_, at) => at % 8 === 0);
  for (const at of places) expect({ at, codes: await codesOf(flipped(at)) }).not.toEqual({ at, codes: [] });
});

test.each([
  ['index', 40 + 7],
  ['payload size', 52 + 3],
  ['plain offset', 72 + 7],
  ['plain size', 80 + 3],
  ['session id', 8],
])('a chunk header with another %s is refused', async (_, at) => {
  expect(await codesOf(flipped(offsetOf(2) + at))).not.toEqual([]);
});

test('two chunks whose index rows were swapped with them are refused by the signed root', async () => {
  const order = [...session.records.keys()];
  const swapped = sampleSession({ seed: 'record hashes', chunks: 24, chunkBytes: 65_536, anchored: true });
  const records = [...swapped.records];
  [records[2], records[3]] = [records[3] as Uint8Array, records[2] as Uint8Array];
  expect(await codesOf(sampleBundle({ ...swapped, records }, order))).not.toEqual([]);
});
