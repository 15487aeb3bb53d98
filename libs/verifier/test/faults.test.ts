/** Every fault code, produced at least once, with the record and the moment it must name. */
import { bytesToBase64, bytesToUtf8, concatBytes, utf8ToBytes } from '@lucid/bytes';
import { createNoteSigner, formatCheckpoint, formatNote, parseNote, signNote } from '@lucid/checkpoint';
import { canonicalBytes } from '@lucid/jcs';
import { leafHash, rootOfLeaves } from '@lucid/merkle';
import {
  encodeControlRecord,
  encodeDocument,
  encodeIndex,
  parseIndex,
  type Sections,
  type SectionTag,
  sessionOrigin,
} from '@lucid/session-format';
import {
  createBytesReader,
  type FaultCode,
  faultCodes,
  type VerifyOptions,
  verifyBundle,
} from '../src/index.ts';
import {
  assemble,
  indexOf,
  sampleAnchor,
  sampleBundle,
  sampleCheckpoint,
  sampleEntry,
  sampleManifest,
  samplePart,
  sampleSections,
  sampleSession,
  sealChunk,
  testKey,
  timeOf,
  toyDecompress,
} from './sample-session.ts';

const session = sampleSession({ seed: 'faults', chunks: 8, anchored: true });
const other = sampleSession({ seed: 'another', chunks: 8, anchored: true });
const { records, sessionId } = session;
const bundle = sampleBundle(session);
const sections = sampleSections(session);
const momentOf = (record: number): number => timeOf(records[record]!).fromUs;

interface Expected {
  readonly code: FaultCode;
  readonly record?: number;
  /** The first fault listed, not only one of them. */
  readonly first?: boolean;
}

interface Case extends Expected {
  readonly what: string;
  readonly bytes: () => Uint8Array;
  readonly options?: VerifyOptions;
}

const changed = (bytes: Uint8Array, at: number, mask = 1): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
};
const cutOut = (bytes: Uint8Array, from: number, to: number): Uint8Array =>
  concatBytes(bytes.subarray(0, from), bytes.subarray(to));
const offsetOf = (record: number): number =>
  64 + records.slice(0, record).reduce((sum, { length }) => sum + length, 0);
const recordsEnd = offsetOf(records.length);

const withSections = (changes: Partial<Record<SectionTag, Uint8Array | undefined>>): Uint8Array =>
  assemble(sessionId, { records, sections: { ...sections, ...changes } as Sections });
const json = (tag: SectionTag): Record<string, unknown> => JSON.parse(bytesToUtf8(sections[tag]!));
const withJson = (tag: SectionTag, changes: Record<string, unknown>): Uint8Array =>
  withSections({ [tag]: canonicalBytes({ ...json(tag), ...changes }) });
/** The recorder itself signs other records: what a broken or dishonest recorder can do. */
const resigned = (changedRecords: readonly Uint8Array[]): Uint8Array =>
  assemble(sessionId, { records: changedRecords, sections: sampleSections(session, changedRecords) });
const replaced = (record: number, by: Uint8Array): Uint8Array[] =>
  records.map((each, at) => (at === record ? by : each));
const control = (type: 'header' | 'event' | 'close', index: number, value: unknown): Uint8Array =>
  concatBytes(
    ...encodeControlRecord({ type, sessionId, index, atUs: momentOf(index), payload: canonicalBytes(value) }),
  );
const close = (): Record<string, unknown> => JSON.parse(bytesToUtf8(records.at(-1)!.subarray(128)));
const last = records.length - 1;
const eventIndex = records.findIndex((record) => record[5] === 3);
const entry = sampleEntry(session, sampleManifest(session), sampleCheckpoint(session, records));
const anchorWith = (changes: Record<string, unknown>): Uint8Array => withJson('ANCH', changes);
const entryWith = (changes: Record<string, unknown>): Uint8Array =>
  withSections({
    ANCH: sampleAnchor(session, canonicalBytes({ ...JSON.parse(bytesToUtf8(entry)), ...changes })),
  });
const foreignCheckpoint = (origin: string): string =>
  signNote(
    formatCheckpoint({
      origin,
      size: records.length,
      root: rootOfLeaves(records.map((each) => leafHash(each))),
    }),
    [createNoteSigner(session.recorder)],
  );
const openWith = (sessionKey: Uint8Array | null): VerifyOptions => ({
  openSession: { unwrapSessionKey: () => sessionKey, decompress: toyDecompress },
});
const badChunk = (): Uint8Array[] =>
  replaced(
    3,
    sealChunk({
      session: { sessionId, sessionKey: other.sessionKey },
      index: 3,
      track: 1,
      plainOffset: 0,
      plain: session.plain.get(4)!,
      fromUs: momentOf(3),
      untilUs: momentOf(3) + 1,
      compressed: false,
    }),
  );
const swap = (a: number, b: number): Uint8Array[] => {
  const copy = [...records];
  [copy[a], copy[b]] = [copy[b]!, copy[a]!];
  return copy;
};
const part = samplePart(session, records.slice(0, 7));

const cases: readonly Case[] = [
  { what: 'another magic', code: 'not_a_bundle', bytes: () => changed(bundle, 1), first: true },
  { what: 'an empty file', code: 'not_a_bundle', bytes: () => new Uint8Array(), first: true },
  { what: 'version 2', code: 'wrong_version', bytes: () => changed(bundle, 9, 3), first: true },
  {
    what: 'a reserved preamble byte',
    code: 'preamble_damaged',
    bytes: () => changed(bundle, 60),
    first: true,
  },
  {
    what: 'the session id of the preamble',
    code: 'preamble_damaged',
    bytes: () => changed(bundle, 20),
    first: true,
  },
  { what: 'half a preamble', code: 'truncated_file', bytes: () => bundle.slice(0, 30), first: true },
  { what: 'half a footer', code: 'truncated_file', bytes: () => bundle.slice(0, -30), first: true },
  {
    what: 'half a section',
    code: 'truncated_file',
    bytes: () => bundle.slice(0, recordsEnd + 300),
    first: true,
  },
  { what: 'no section', code: 'truncated_file', bytes: () => bundle.slice(0, recordsEnd), first: true },
  {
    what: 'five bytes of a section',
    code: 'truncated_file',
    bytes: () => bundle.slice(0, recordsEnd + 5),
    first: true,
  },
  {
    what: 'a record cut out',
    code: 'file_size_differs',
    bytes: () => cutOut(bundle, offsetOf(4), offsetOf(5)),
  },
  {
    what: 'a record cut out',
    code: 'record_missing',
    record: 4,
    bytes: () => cutOut(bundle, offsetOf(4), offsetOf(5)),
  },
  {
    what: 'a bit of the digest',
    code: 'trailer_damaged',
    bytes: () => changed(bundle, bundle.length - 1),
    first: true,
  },
  {
    what: 'a bit of the footer magic',
    code: 'trailer_damaged',
    bytes: () => changed(bundle, bundle.length - 64),
    first: true,
  },
  {
    what: 'a bit of a section tag',
    code: 'trailer_damaged',
    bytes: () => changed(bundle, recordsEnd),
    first: true,
  },
  {
    what: 'bytes behind the footer',
    code: 'trailer_damaged',
    bytes: () => concatBytes(bundle, new Uint8Array(90)),
    first: true,
  },
  ...(['MANI', 'CKPT', 'INDX', 'KEYS'] as const).map(
    (tag): Case => ({
      what: `no ${tag}`,
      code: 'section_missing',
      bytes: () => withSections({ [tag]: undefined }),
      first: true,
    }),
  ),
  {
    what: 'a record cut in half, nothing behind',
    code: 'truncated_record',
    record: 5,
    bytes: () => bundle.slice(0, offsetOf(5) + 200),
  },
  {
    what: 'a record header cut in half',
    code: 'truncated_record',
    record: 5,
    bytes: () => bundle.slice(0, offsetOf(5) + 20),
  },
  {
    what: 'a bit of a payload',
    code: 'record_changed',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 130),
    first: true,
  },
  {
    what: 'a bit of a nonce',
    code: 'record_changed',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 90),
    first: true,
  },
  {
    what: 'the index in a header',
    code: 'record_changed',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 47, 3),
    first: true,
  },
  {
    what: 'the time in a header',
    code: 'record_changed',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 71, 1),
    first: true,
  },
  {
    what: 'a record dropped, everything but the signature made anew',
    code: 'record_missing',
    record: 4,
    bytes: () => {
      const left = records.filter((_, at) => at !== 4);
      return assemble(sessionId, {
        records: left,
        sections: { ...sampleSections(session, left), CKPT: sections.CKPT! },
      });
    },
    first: true,
  },
  {
    what: 'the last records dropped, the index made anew',
    code: 'record_missing',
    record: last - 1,
    bytes: () => {
      const left = records.slice(0, -2);
      return assemble(sessionId, {
        records: left,
        sections: { ...sections, INDX: indexOf({ records: left }) },
      });
    },
  },
  {
    what: 'a record twice',
    code: 'record_duplicated',
    record: 5,
    bytes: () => assemble(sessionId, { records: [...records.slice(0, 6), ...records.slice(5)], sections }),
  },
  {
    what: 'a record in the place of another',
    code: 'record_duplicated',
    record: 4,
    bytes: () => assemble(sessionId, { records: replaced(4, records[6]!), sections }),
  },
  {
    what: 'a record twice, everything signed anew',
    code: 'record_duplicated',
    record: 5,
    bytes: () => resigned([...records.slice(0, 6), ...records.slice(5)]),
    first: true,
  },
  {
    what: 'two records swapped',
    code: 'record_out_of_order',
    record: 3,
    bytes: () => assemble(sessionId, { records: swap(3, 6), sections }),
    first: true,
  },
  {
    what: 'two neighbours swapped',
    code: 'record_out_of_order',
    record: 3,
    bytes: () => assemble(sessionId, { records: swap(3, 4), sections }),
    first: true,
  },
  {
    what: 'two records swapped, everything signed anew',
    code: 'record_out_of_order',
    record: 3,
    bytes: () => resigned(swap(3, 6)),
    first: true,
  },
  {
    what: 'a record of another session',
    code: 'foreign_record',
    record: 4,
    bytes: () => assemble(sessionId, { records: replaced(4, other.records[4]!), sections }),
  },
  {
    what: 'a record of another session, everything signed anew',
    code: 'foreign_record',
    record: 4,
    bytes: () => resigned(replaced(4, other.records[4]!)),
    first: true,
  },
  {
    what: 'a bit of a record magic',
    code: 'record_header_invalid',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4)),
    first: true,
  },
  {
    what: 'a bit of a payload size',
    code: 'record_header_invalid',
    record: 4,
    bytes: () => changed(bundle, offsetOf(4) + 54),
    first: true,
  },
  {
    what: 'another hash in the index',
    code: 'index_wrong',
    record: 4,
    bytes: () => withSections({ INDX: changed(sections.INDX!, 44 * 4 + 20) }),
    first: true,
  },
  {
    what: 'another offset in the index',
    code: 'index_wrong',
    record: 4,
    bytes: () => withSections({ INDX: changed(sections.INDX!, 44 * 4 + 7) }),
    first: true,
  },
  {
    what: 'a row too few',
    code: 'index_wrong',
    record: last,
    bytes: () => withSections({ INDX: sections.INDX!.slice(0, -44) }),
    first: true,
  },
  {
    what: 'a row too many',
    code: 'index_wrong',
    record: last + 1,
    bytes: () => withSections({ INDX: concatBytes(sections.INDX!, sections.INDX!.subarray(0, 44)) }),
    first: true,
  },
  {
    what: 'half a row',
    code: 'index_wrong',
    bytes: () => withSections({ INDX: sections.INDX!.slice(0, -4) }),
    first: true,
  },
  {
    what: 'a changed record with its index row',
    code: 'root_differs',
    bytes: () => {
      const forged = replaced(4, changed(records[4]!, 140));
      return assemble(sessionId, {
        records: forged,
        sections: { ...sections, INDX: indexOf({ records: forged }) },
      });
    },
    first: true,
  },
  {
    what: 'a record added behind the end',
    code: 'root_differs',
    record: last + 1,
    bytes: () => {
      const longer = [...records, control('close', last, close())];
      longer[last + 1] = concatBytes(
        ...encodeControlRecord({
          type: 'close',
          sessionId,
          index: last + 1,
          atUs: momentOf(last),
          payload: canonicalBytes(close()),
        }),
      );
      return assemble(sessionId, {
        records: longer,
        sections: { ...sections, INDX: indexOf({ records: longer }) },
      });
    },
    first: true,
  },
  {
    what: 'no note',
    code: 'checkpoint_malformed',
    bytes: () => withSections({ CKPT: utf8ToBytes('hello\n') }),
    first: true,
  },
  {
    what: 'the checkpoint of another session',
    code: 'foreign_checkpoint',
    bytes: () => withSections({ CKPT: utf8ToBytes(foreignCheckpoint(sessionOrigin(other.sessionId))) }),
    first: true,
  },
  {
    what: 'a checkpoint signed by somebody else under the same name',
    code: 'checkpoint_signature_wrong',
    bytes: () =>
      withSections({
        CKPT: utf8ToBytes(
          sampleCheckpoint({ sessionId, recorder: testKey(session.recorder.name, 'mallory') }, records),
        ),
      }),
    first: true,
  },
  {
    what: 'a pin of another recorder',
    code: 'recorder_not_pinned',
    bytes: () => bundle,
    options: { pinnedKeys: [testKey('x').vkey] },
    first: true,
  },
  {
    what: 'an older state',
    code: 'rolled_back',
    bytes: () => bundle,
    options: { seenCheckpoint: sampleCheckpoint(session, [...records, records[0]!]) },
    first: true,
  },
  {
    what: 'an older state, unfinished',
    code: 'rolled_back',
    bytes: () => part,
    options: { seenCheckpoint: sampleCheckpoint(session, records, 9) },
  },
  {
    what: 'another past',
    code: 'split_view',
    bytes: () => bundle,
    options: { seenCheckpoint: sampleCheckpoint(session, swap(1, 2), 4) },
    first: true,
  },
  {
    what: 'a past signed by another key',
    code: 'split_view',
    bytes: () => bundle,
    options: { seenCheckpoint: sampleCheckpoint({ sessionId, recorder: testKey('mallory') }, records, 4) },
    first: true,
  },
  {
    what: 'another ledger of the same size',
    code: 'split_view',
    bytes: () => bundle,
    options: {
      seenLedgerCheckpoint: signNote(
        formatCheckpoint({ origin: session.ledger.name, size: 7, root: new Uint8Array(32) }),
        [createNoteSigner(session.ledger)],
      ),
    },
    first: true,
  },
  {
    what: 'no session header',
    code: 'header_invalid',
    record: 0,
    bytes: () => resigned(replaced(0, control('event', 0, { event: 'note', atUs: 1 }))),
    first: true,
  },
  {
    what: 'a header with a member too many',
    code: 'header_invalid',
    record: 0,
    bytes: () => resigned(replaced(0, control('header', 0, { ...session.header, extra: 1 }))),
    first: true,
  },
  {
    what: 'a header of another session',
    code: 'header_invalid',
    record: 0,
    bytes: () =>
      resigned(replaced(0, control('header', 0, { ...session.header, sessionId: other.sessionId }))),
    first: true,
  },
  {
    what: 'a recorder that is no key',
    code: 'header_invalid',
    record: 0,
    bytes: () => resigned(replaced(0, control('header', 0, { ...session.header, recorder: 'me' }))),
    first: true,
  },
  {
    what: 'an unknown event',
    code: 'event_invalid',
    record: eventIndex,
    bytes: () => resigned(replaced(eventIndex, control('event', eventIndex, { event: 'party', atUs: 1 }))),
    first: true,
  },
  {
    what: 'a gap without reason',
    code: 'event_invalid',
    record: eventIndex,
    bytes: () => resigned(replaced(eventIndex, control('event', eventIndex, { event: 'gap', atUs: 1 }))),
  },
  {
    what: 'a chunk that does not continue',
    code: 'track_gap',
    record: 5,
    bytes: () =>
      resigned(
        replaced(
          5,
          sealChunk({
            session,
            index: 5,
            track: 0,
            plainOffset: 1,
            plain: Uint8Array.of(1),
            fromUs: momentOf(5),
            untilUs: momentOf(5),
            compressed: false,
          }),
        ),
      ),
    first: true,
  },
  {
    what: 'a chunk of an unknown track',
    code: 'track_gap',
    record: 5,
    bytes: () =>
      resigned(
        replaced(
          5,
          sealChunk({
            session,
            index: 5,
            track: 9,
            plainOffset: 0,
            plain: Uint8Array.of(1),
            fromUs: momentOf(5),
            untilUs: momentOf(5),
            compressed: false,
          }),
        ),
      ),
    first: true,
  },
  { what: 'an unfinished session', code: 'closing_missing', bytes: () => part, first: true },
  {
    what: 'no closing record, all signed',
    code: 'closing_missing',
    bytes: () => resigned(records.slice(0, -1)),
  },
  { what: 'no records', code: 'closing_missing', bytes: () => samplePart(session, []), first: true },
  {
    what: 'a closing record that counts wrong',
    code: 'closing_wrong',
    record: last,
    bytes: () => resigned(replaced(last, control('close', last, { ...close(), chunks: 7 }))),
    first: true,
  },
  {
    what: 'an interruption without reason',
    code: 'closing_wrong',
    record: last,
    bytes: () => resigned(replaced(last, control('close', last, { ...close(), closed: 'interrupted' }))),
    first: true,
  },
  {
    what: 'a closing record in the middle',
    code: 'closing_wrong',
    record: 5,
    bytes: () => resigned(replaced(5, control('close', 5, close()))),
  },
  {
    what: 'no JSON',
    code: 'manifest_malformed',
    bytes: () => withSections({ MANI: utf8ToBytes('{') }),
    first: true,
  },
  {
    what: 'spaces in the manifest',
    code: 'manifest_malformed',
    bytes: () => withSections({ MANI: utf8ToBytes(` ${bytesToUtf8(sections.MANI!)}`) }),
    first: true,
  },
  ...Object.entries({
    sessionId: other.sessionId,
    owner: 'somebody else',
    recorder: 'x',
    startedAtUs: 1,
    endedAtUs: 1,
    policyHash: '00'.repeat(32),
    treeSize: 3,
    merkleRoot: '00'.repeat(32),
    chunkCount: 99,
    plainBytes: 99,
    storedBytes: 99,
    tracks: [{ track: 0, kind: 'terminal', mediaType: 'x', chunks: 1, plainBytes: 1 }],
  }).map(
    ([name, value]): Case => ({
      what: `another ${name}`,
      code: 'manifest_differs',
      bytes: () => withJson('MANI', { [name]: value }),
      first: true,
    }),
  ),
  {
    what: 'no recipients document',
    code: 'recipients_malformed',
    bytes: () => withJson('KEYS', { extra: true }),
    first: true,
  },
  {
    what: 'a wrap that is no base64',
    code: 'recipients_malformed',
    bytes: () => withJson('KEYS', { wraps: [{ recipient: 'a', age: '!' }] }),
    first: true,
  },
  {
    what: 'a wrap that is no age file',
    code: 'recipients_malformed',
    bytes: () => withJson('KEYS', { wraps: [{ recipient: 'a', age: bytesToBase64(Uint8Array.of(1)) }] }),
    first: true,
  },
  {
    what: 'recipients of another session',
    code: 'foreign_recipients',
    bytes: () => withSections({ KEYS: sampleSections(other).KEYS }),
    first: true,
  },
  { what: 'no identity', code: 'key_missing', bytes: () => bundle, options: openWith(null), first: true },
  {
    what: 'another key',
    code: 'key_wrong',
    bytes: () => bundle,
    options: openWith(other.sessionKey.slice()),
    first: true,
  },
  {
    what: 'a key of another length',
    code: 'key_wrong',
    bytes: () => bundle,
    options: openWith(new Uint8Array(5)),
    first: true,
  },
  {
    what: 'a chunk under another key',
    code: 'chunk_does_not_open',
    record: 3,
    bytes: () => resigned(badChunk()),
    options: openWith(session.sessionKey.slice()),
  },
  {
    what: 'no anchor',
    code: 'anchor_missing',
    bytes: () => withSections({ ANCH: undefined }),
    options: { requireAnchor: true },
    first: true,
  },
  {
    what: 'an anchor with a member too many',
    code: 'anchor_malformed',
    bytes: () => anchorWith({ extra: 1 }),
    first: true,
  },
  {
    what: 'an entry that is no entry',
    code: 'anchor_malformed',
    bytes: () => withSections({ ANCH: sampleAnchor(session, utf8ToBytes('{}')) }),
    first: true,
  },
  {
    what: 'a ledger that is no key',
    code: 'anchor_malformed',
    bytes: () => anchorWith({ ledger: 'x' }),
    first: true,
  },
  {
    what: 'a ledger checkpoint that is none',
    code: 'anchor_malformed',
    bytes: () => anchorWith({ checkpoint: 'x' }),
    first: true,
  },
  {
    what: 'an entry without a checkpoint',
    code: 'anchor_malformed',
    bytes: () => entryWith({ checkpoint: 'x' }),
    first: true,
  },
  ...Object.entries({
    sessionId: other.sessionId,
    manifestHash: '00'.repeat(32),
    merkleRoot: '00'.repeat(32),
    owner: 'x',
    startedAt: 1,
    chunkCount: 99,
    checkpoint: sampleCheckpoint(session, records, 4),
  }).map(
    ([name, value]): Case => ({
      what: `an entry of another ${name}`,
      code: 'anchor_differs',
      bytes: () => entryWith({ [name]: value }),
      first: true,
    }),
  ),
  {
    what: 'an entry whose checkpoint somebody else signed',
    code: 'anchor_differs',
    bytes: () =>
      entryWith({
        checkpoint: sampleCheckpoint(
          { sessionId, recorder: testKey(session.recorder.name, 'mallory') },
          records,
        ),
      }),
    first: true,
  },
  {
    what: 'the anchor of another session',
    code: 'anchor_differs',
    bytes: () => withSections({ ANCH: sampleSections(other).ANCH }),
    first: true,
  },
  {
    what: 'another place in the ledger',
    code: 'anchor_inclusion_wrong',
    bytes: () => anchorWith({ index: 2 }),
    first: true,
  },
  {
    what: 'a path too short',
    code: 'anchor_inclusion_wrong',
    bytes: () => anchorWith({ inclusion: [] }),
    first: true,
  },
  {
    what: 'a ledger checkpoint signed by somebody else',
    code: 'anchor_signature_wrong',
    bytes: () =>
      withSections({
        ANCH: sampleAnchor(
          { ...session, ledger: { ...testKey(session.ledger.name, 'mallory'), vkey: session.ledger.vkey } },
          entry,
        ),
      }),
    first: true,
  },
  {
    what: 'a checkpoint of another log by the same key',
    code: 'anchor_signature_wrong',
    bytes: () => {
      const text = formatCheckpoint({ origin: 'another.log', size: 1, root: leafHash(entry) });
      return anchorWith({
        index: 0,
        inclusion: [],
        checkpoint: signNote(text, [createNoteSigner(session.ledger)]),
      });
    },
    first: true,
  },
  {
    what: 'a pinned witness whose cosignature does not hold',
    code: 'anchor_signature_wrong',
    bytes: () => {
      const note = parseNote(json('ANCH').checkpoint as string);
      const signatures = note.signatures.map((each) =>
        each.name === 'witness.example' ? { ...each, signature: changed(each.signature, 20) } : each,
      );
      return anchorWith({ checkpoint: formatNote({ text: note.text, signatures }) });
    },
    options: { pinnedKeys: [session.recorder.vkey, session.ledger.vkey, session.witness.vkey] },
    first: true,
  },
  {
    what: 'a pinned key of the name of the ledger',
    code: 'ledger_not_pinned',
    bytes: () => bundle,
    options: { pinnedKeys: [session.recorder.vkey, testKey(session.ledger.name, 'mallory').vkey] },
    first: true,
  },
  {
    what: 'an anchor is required, its ledger not pinned',
    code: 'ledger_not_pinned',
    bytes: () => bundle,
    options: { pinnedKeys: [session.recorder.vkey], requireAnchor: true },
    first: true,
  },
];

describe.each(cases)('$code: $what', ({ code, record, first, bytes, options }) => {
  test('is named', async () => {
    const verdict = await verifyBundle(createBytesReader(bytes()), options);
    const found = verdict.faults.map((fault) => ({ code: fault.code, record: fault.record }));
    expect(verdict.ok).toBe(false);
    if (first) expect(found[0]).toEqual({ code, record });
    else expect(found).toContainEqual({ code, record });
    const fault = verdict.faults.find((each) => each.code === code && each.record === record)!;
    for (const part of [fault.expected, fault.found]) expect(part.length).toBeGreaterThan(0);
    expect(fault.message).toContain(fault.expected);
    if (record === undefined) return;
    expect(fault.message).toContain(`ecord ${record}`);
    // Between the end of the record before and the beginning of the one behind it.
    const from = record === 0 ? momentOf(0) : timeOf(records[Math.min(record - 1, last)]!).untilUs;
    const until = record + 1 > last ? Number.POSITIVE_INFINITY : momentOf(record + 1);
    expect(fault.atUs).toBeGreaterThanOrEqual(from);
    expect(fault.atUs).toBeLessThanOrEqual(until);
  });
});

test('every code has a case', () => {
  const covered = new Set(cases.map(({ code }) => code));
  expect(faultCodes.filter((code) => !covered.has(code))).toEqual([]);
});

test('a record index that parses as written stays a row of 44 bytes', () => {
  const parsed = parseIndex(sections.INDX!);
  expect(parsed.ok && encodeIndex(parsed.value)).toEqual(sections.INDX);
});

test('the manifest of a bundle is what the test writes', () => {
  expect(sections.MANI).toEqual(encodeDocument('manifest', sampleManifest(session)));
});
