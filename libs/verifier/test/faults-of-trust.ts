/** Faults of checkpoints, keys and anchors. */
import { utf8ToBytes } from '@lucid/bytes';
import { createNoteSigner, formatCheckpoint, formatNote, parseNote, signNote } from '@lucid/checkpoint';
import { leafHash } from '@lucid/merkle';
import { sessionOrigin } from '@lucid/session-format';
import {
  anchorWith,
  bundle,
  type Case,
  changed,
  entry,
  entryWith,
  foreignCheckpoint,
  json,
  other,
  part,
  records,
  session,
  sessionId,
  swap,
  trusted,
  withSections,
} from './fault-fixtures.ts';
import { sampleAnchor, sampleCheckpoint, sampleSections, testKey } from './sample-session.ts';

export const trustCases: readonly Case[] = [
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
    options: { recorderKeys: [testKey('x').vkey] },
    first: true,
  },
  {
    what: 'a recorder that is trusted as a ledger only',
    code: 'recorder_not_pinned',
    bytes: () => bundle,
    options: {
      recorderKeys: [session.ledger.vkey],
      ledgerKeys: [session.recorder.vkey, session.ledger.vkey],
    },
    first: true,
  },
  {
    what: 'a recorder that is not the recalled one',
    code: 'recorder_not_pinned',
    bytes: () => bundle,
    options: { recall: () => ({ recorderKeys: [testKey(session.recorder.name, 'mallory').vkey] }) },
    first: true,
  },
  {
    what: 'the recalled recorder, where the caller names another',
    code: 'recorder_not_pinned',
    bytes: () => bundle,
    options: { recorderKeys: [testKey('x').vkey], recall: () => trusted },
    first: true,
  },
  {
    what: 'a trailer that leads nowhere, and another recorder than the recalled one',
    code: 'recorder_not_pinned',
    bytes: () => changed(bundle, bundle.length - 64),
    options: { recall: () => ({ recorderKeys: [testKey(session.recorder.name, 'mallory').vkey] }) },
  },
  {
    what: 'another session id in the preamble, and a newer state recalled of that of the records',
    code: 'rolled_back',
    bytes: () => changed(bundle, 20),
    options: {
      recall: (claim) =>
        claim.sessionId === sessionId
          ? { seenCheckpoint: sampleCheckpoint(session, [...records, records[0]!]) }
          : {},
    },
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
    what: 'no anchor',
    code: 'anchor_missing',
    bytes: () => withSections({ ANCH: undefined }),
    options: { requireAnchor: true },
    first: true,
  },
  {
    what: 'no anchor, where a ledger is named',
    code: 'anchor_missing',
    bytes: () => withSections({ ANCH: undefined }),
    options: { ledgerKeys: [session.ledger.vkey] },
    first: true,
  },
  {
    what: 'no anchor, where a witness is named',
    code: 'anchor_missing',
    bytes: () => withSections({ ANCH: undefined }),
    options: { witnessKeys: [session.witness.vkey] },
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
    options: trusted,
    first: true,
  },
  {
    what: 'no cosignature by the witness that is named',
    code: 'anchor_signature_wrong',
    bytes: () => bundle,
    options: { witnessKeys: [testKey('another.witness', 'another.witness', 4).vkey] },
    first: true,
  },
  {
    what: 'another key of the name of the ledger',
    code: 'ledger_not_pinned',
    bytes: () => bundle,
    options: { ledgerKeys: [testKey(session.ledger.name, 'mallory').vkey] },
    first: true,
  },
  {
    what: 'a ledger that is trusted as a recorder only',
    code: 'ledger_not_pinned',
    bytes: () => bundle,
    options: { recorderKeys: [session.recorder.vkey, session.ledger.vkey], ledgerKeys: [testKey('x').vkey] },
    first: true,
  },
  {
    what: 'an anchor is required, its ledger not pinned',
    code: 'ledger_not_pinned',
    bytes: () => bundle,
    options: { recorderKeys: [session.recorder.vkey], requireAnchor: true },
    first: true,
  },
];
