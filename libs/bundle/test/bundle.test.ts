import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatBytes, utf8ToBytes } from '@lucid/bytes';
import {
  encodeDocument,
  encodeTrailer,
  parseDocument,
  parseIndex,
  type Recipients,
} from '@lucid/session-format';
import { createBytesReader, verifyBundle } from '@lucid/verifier';
import {
  sampleBundle,
  sampleCheckpoint,
  sampleManifest,
  sampleRecipients,
  sampleSections,
  sampleSession,
} from '../../verifier/test/sample-session.ts';
import {
  type AssembleOptions,
  assembleBundle,
  type BundleErrorCode,
  buildTrailer,
  finishRewrite,
  readBundleParts,
  rewriteSections,
  rewriteTail,
} from '../src/index.ts';

const session = sampleSession({ seed: 'bundle', chunks: 7, anchored: true });
const other = sampleSession({ seed: 'bundle/other', chunks: 7 });
const { sessionId, records } = session;
const bundle = sampleBundle(session);
const sections = sampleSections(session);
const documentOf = <K extends 'recipients' | 'anchor'>(kind: K, bytes: Uint8Array) => {
  const parsed = parseDocument(kind, bytes);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
};
const recipients: Recipients = documentOf('recipients', sampleRecipients(session));
const revoked: Recipients = { ...recipients, wraps: recipients.wraps.slice(0, 1) };
const recordsEnd = 64 + records.reduce((sum, { length }) => sum + length, 0);
const newTrailer = encodeTrailer({ ...sections, KEYS: encodeDocument('recipients', revoked) }, recordsEnd);
const rewritten = concatBytes(bundle.subarray(0, recordsEnd), newTrailer);
const code = (expected: BundleErrorCode) => expect.objectContaining({ name: 'BundleError', code: expected });

const options: AssembleOptions = {
  sessionId,
  manifest: sampleManifest(session),
  checkpoint: sampleCheckpoint(session, records),
  recipients,
  anchor: documentOf('anchor', sections.ANCH!),
  source: {
    async *records() {
      yield* records;
    },
  },
};

function createSink() {
  const written: Uint8Array[] = [];
  return {
    written: () => concatBytes(...written),
    async write(bytes: Uint8Array) {
      written.push(bytes.slice());
    },
  };
}

describe('assembleBundle', () => {
  test('gives the bytes of the format, which verify', async () => {
    const sink = createSink();
    const { sizeBytes } = await assembleBundle(options, sink);
    expect(sink.written()).toEqual(bundle);
    expect(sizeBytes).toBe(bundle.length);
    expect((await verifyBundle(createBytesReader(sink.written()))).faults).toEqual([]);
  });

  test.each([
    [
      'a changed record',
      records.map((each, at) => (at === 3 ? each.map((byte, i) => (i === 140 ? byte ^ 1 : byte)) : each)),
    ],
    ['a record too few', records.slice(0, -1)],
    ['a record of another session', records.map((each, at) => (at === 3 ? other.records[3]! : each))],
    ['records in another order', [records[0]!, records[2]!, records[1]!, ...records.slice(3)]],
    ['a cut-off record', records.map((each, at) => (at === 3 ? each.slice(0, -1) : each))],
    ['no record', [new Uint8Array(4)]],
  ])('writes no trailer behind %s', async (_, changed) => {
    const sink = createSink();
    const source = {
      async *records() {
        yield* changed;
      },
    };
    await expect(assembleBundle({ ...options, source }, sink)).rejects.toEqual(code('records_differ'));
    expect(Buffer.from(sink.written()).includes('LUCIDEND')).toBe(false);
  });
});

describe('buildTrailer', () => {
  const parsed = parseIndex(sections.INDX!);
  const rows = parsed.ok ? parsed.value : [];
  const parts = { ...options, rows, recordsEnd };

  test('is the tail of the bundle', () => {
    expect(buildTrailer(parts)).toEqual(bundle.slice(recordsEnd));
  });

  test('refuses parts that do not belong together', () => {
    const foreign = { ...recipients, sessionId: other.sessionId };
    expect(() => buildTrailer({ ...parts, recipients: foreign })).toThrow(code('other_session'));
    const checkpoint = sampleCheckpoint(other, other.records);
    expect(() => buildTrailer({ ...parts, checkpoint })).toThrow(code('other_session'));
    expect(() => buildTrailer({ ...parts, rows: rows.slice(1) })).toThrow(code('records_differ'));
    expect(() => buildTrailer({ ...parts, recordsEnd: recordsEnd + 1 })).toThrow(code('records_differ'));
  });
});

describe('a bundle file', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lucid-bundle-'));
    path = join(folder, 'session.lucid');
    writeFileSync(path, bundle);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const file = () => new Uint8Array(readFileSync(path));
  const redo = () => `${path}.trailer`;

  test('its parts are read without looking at the records', async () => {
    const parts = await readBundleParts(path);
    expect(parts).toMatchObject({ sessionId, recordsEnd, sizeBytes: bundle.length, recipients });
    expect(parts.manifest).toEqual(options.manifest);
    expect(parts.anchor).toEqual(options.anchor);
    expect(parts.rows).toHaveLength(records.length);
  });

  test('revoking rewrites the tail only; the file still verifies', async () => {
    await rewriteSections(path, { recipients: revoked });
    expect(file()).toEqual(rewritten);
    expect((await readBundleParts(path)).recipients.wraps).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['session.lucid']);
    expect((await verifyBundle(createBytesReader(file()))).ok).toBe(true);
    await rewriteSections(path, { recipients });
    expect(file()).toEqual(bundle);
  });

  test('dying at any byte of the rewrite leaves old or new, never a mixture', async () => {
    for (let torn = 0; torn <= newTrailer.length; torn += 97) {
      const half = bundle.slice();
      half.set(newTrailer.subarray(0, torn), recordsEnd);
      writeFileSync(path, half);
      writeFileSync(redo(), newTrailer);
      expect((await readBundleParts(path)).recipients.wraps).toHaveLength(1);
      expect(file()).toEqual(half);
      expect(await finishRewrite(path)).toBe(true);
      expect(file()).toEqual(rewritten);
      expect(existsSync(redo())).toBe(false);
    }
    expect(await finishRewrite(path)).toBe(false);
  });

  test('a draft that was never renamed does not count', async () => {
    writeFileSync(`${redo()}.draft`, newTrailer.subarray(0, 100));
    expect((await readBundleParts(path)).recipients.wraps).toHaveLength(2);
    await rewriteSections(path, { recipients: revoked });
    expect(readdirSync(folder)).toEqual(['session.lucid']);
  });

  test.each([
    [
      'of another session',
      sampleBundle(other).slice(64 + other.records.reduce((sum, { length }) => sum + length, 0)),
    ],
    ['of other records', encodeTrailer(sections, recordsEnd - 200)],
    ['that is torn', newTrailer.slice(0, -1)],
    ['of nothing', new Uint8Array()],
  ])('a redo file %s is not applied', async (_, foreign) => {
    writeFileSync(redo(), foreign);
    await expect(finishRewrite(path)).rejects.toEqual(code('redo_foreign'));
    await expect(readBundleParts(path)).rejects.toEqual(code('redo_foreign'));
    await expect(rewriteSections(path, { recipients: revoked })).rejects.toEqual(code('redo_foreign'));
    expect(file()).toEqual(bundle);
  });

  test('what the recorder signed cannot be exchanged', async () => {
    const manifest = encodeDocument('manifest', { ...options.manifest, owner: 'mallory' });
    const forged = encodeTrailer({ ...sections, MANI: manifest }, recordsEnd);
    await expect(rewriteTail(path, forged)).rejects.toEqual(code('other_session'));
    const foreign = { ...recipients, sessionId: other.sessionId };
    await expect(rewriteSections(path, { recipients: foreign })).rejects.toEqual(code('other_session'));
    expect(file()).toEqual(bundle);
  });

  test('a file that is none, and a damaged one', async () => {
    writeFileSync(path, utf8ToBytes('hello'));
    await expect(readBundleParts(path)).rejects.toEqual(code('not_a_bundle'));
    writeFileSync(path, bundle.slice(0, -1));
    await expect(readBundleParts(path)).rejects.toEqual(code('damaged'));
    await expect(rewriteSections(path, { recipients })).rejects.toEqual(code('damaged'));
    await expect(readBundleParts(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
