/** Ways to tamper with a bundle: what somebody without the recorder's key can do, with and without making the rest fit again. */
import { concatBytes, utf8ToBytes } from '@lucid/bytes';
import { encodeDocument, type Sections, type SectionTag, sectionTags } from '@lucid/session-format';
import type { VerifyOptions } from '../src/index.ts';
import {
  assemble,
  indexOf,
  type SampleSession,
  sampleBundle,
  sampleCheckpoint,
  sampleManifest,
  sampleSections,
  sampleSession,
  seededBytes,
  testKey,
} from './sample-session.ts';

export interface Mutant {
  readonly bytes: Uint8Array;
  readonly options?: VerifyOptions;
  /** The first bad record, where the mutation is one of records and can be told. */
  readonly firstBad?: number;
  /** A record that must be among those named. */
  readonly named?: number;
}

export interface Victim {
  readonly session: SampleSession;
  readonly other: SampleSession;
  readonly bundle: Uint8Array;
  readonly sections: Sections;
}

export type Draw = (limit: number) => number;
export type Mutation = (victim: Victim, draw: Draw) => Mutant;

export function createVictim(seed: string, draw: Draw): Victim {
  const options = {
    chunks: 3 + draw(12),
    chunkBytes: 20 + draw(600),
    withEvents: draw(2) === 1,
    anchored: true,
  };
  const session = sampleSession({ ...options, seed });
  const other = sampleSession({ ...options, seed: `${seed}/other` });
  return { session, other, bundle: sampleBundle(session), sections: sampleSections(session) };
}

const offsetOf = ({ session }: Victim, record: number): number =>
  64 + session.records.slice(0, record).reduce((sum, { length }) => sum + length, 0);

/** The record that a byte of the file lies in. */
function recordAt(victim: Victim, position: number): number | undefined {
  if (position < 64) return undefined;
  const found = victim.session.records.findIndex((_, record) => position < offsetOf(victim, record + 1));
  return found < 0 ? undefined : found;
}

const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
};

/** Only the bytes of the record area change. */
const plain = ({ session, sections }: Victim, records: readonly Uint8Array[]): Uint8Array =>
  assemble(session.sessionId, { records, sections });

/** Index, manifest and footer made to fit; the signed checkpoint and the anchor stay, for they cannot be made. */
function rebuilt({ session, sections }: Victim, records: readonly Uint8Array[]): Uint8Array {
  const fitting = {
    MANI: encodeDocument('manifest', sampleManifest(session, records)),
    INDX: indexOf({ records }),
  };
  return assemble(session.sessionId, { records, sections: { ...sections, ...fitting } });
}

const either = (victim: Victim, draw: Draw, records: readonly Uint8Array[]): Uint8Array =>
  draw(2) === 0 ? plain(victim, records) : rebuilt(victim, records);

const withSections = (
  { session, sections }: Victim,
  changes: Partial<Record<SectionTag, Uint8Array | undefined>>,
) =>
  assemble(session.sessionId, {
    records: session.records,
    sections: { ...sections, ...changes } as Sections,
  });

/** Two different numbers, the smaller first. */
function drawPair(draw: Draw, limit: number): [number, number] {
  const a = draw(limit);
  const b = (a + 1 + draw(limit - 1)) % limit;
  return [Math.min(a, b), Math.max(a, b)];
}

export const mutations: Readonly<Record<string, Mutation>> = {
  'flip a bit': (victim, draw) => {
    const bit = draw(victim.bundle.length * 8);
    return { bytes: flip(victim.bundle, bit), firstBad: recordAt(victim, bit >> 3) };
  },
  'flip a bit of a record': (victim, draw) => {
    const firstBad = draw(victim.session.records.length);
    const bit = draw(victim.session.records[firstBad]!.length * 8);
    return { bytes: flip(victim.bundle, offsetOf(victim, firstBad) * 8 + bit), firstBad };
  },
  'flip a bit of a payload and make the index fit': (victim, draw) => {
    const { records } = victim.session;
    const target = draw(records.length);
    const record = records[target]!;
    const forged = flip(record, 128 * 8 + draw((record.length - 128) * 8));
    const changed = records.map((each, at) => (at === target ? forged : each));
    const sections = { ...victim.sections, INDX: indexOf({ records: changed }) };
    return { bytes: assemble(victim.session.sessionId, { records: changed, sections }) };
  },
  'flip a bit of a section and make the digest fit': (victim, draw) => {
    // Neither KEYS nor a cosignature by an unknown witness is vouched for by the recorder: no one can tell a change of them.
    const tag = (['MANI', 'CKPT', 'INDX'] as const)[draw(3)]!;
    const body = victim.sections[tag]!;
    return { bytes: withSections(victim, { [tag]: flip(body, draw(body.length * 8)) }) };
  },
  'drop a record': (victim, draw) => {
    const firstBad = draw(victim.session.records.length);
    const left = victim.session.records.filter((_, at) => at !== firstBad);
    return { bytes: plain(victim, left), firstBad };
  },
  'drop a record and make the rest fit': (victim, draw) => {
    // Without record 0 or the last one a manifest cannot be made.
    const firstBad = 1 + draw(victim.session.records.length - 2);
    const left = victim.session.records.filter((_, at) => at !== firstBad);
    return { bytes: rebuilt(victim, left), firstBad };
  },
  'duplicate a record': (victim, draw) => {
    const { records } = victim.session;
    const named = draw(records.length);
    const at = draw(records.length - 1) + 1;
    return {
      bytes: either(victim, draw, [...records.slice(0, at), records[named]!, ...records.slice(at)]),
      named,
    };
  },
  'replace a record by another of the session': (victim, draw) => {
    const { records } = victim.session;
    const [a, b] = drawPair(draw, records.length);
    const [target, source] = draw(2) === 0 ? [a, b] : [b, a];
    return {
      bytes: plain(
        victim,
        records.map((each, at) => (at === target ? records[source]! : each)),
      ),
      named: target,
    };
  },
  'swap records': (victim, draw) => {
    const { records } = victim.session;
    const [a, b] = drawPair(draw, records.length);
    const swapped = records.map((each, at) => (at === a ? records[b]! : at === b ? records[a]! : each));
    return { bytes: plain(victim, swapped), firstBad: a };
  },
  'swap records and make the index fit': (victim, draw) => {
    const { records } = victim.session;
    const [a, b] = drawPair(draw, records.length);
    const swapped = records.map((each, at) => (at === a ? records[b]! : at === b ? records[a]! : each));
    const sections = { ...victim.sections, INDX: indexOf({ records: swapped }) };
    return { bytes: assemble(victim.session.sessionId, { records: swapped, sections }), firstBad: a };
  },
  truncate: (victim, draw) => {
    const length = draw(victim.bundle.length);
    const firstBad = length > 64 ? recordAt(victim, length) : undefined;
    const clean = firstBad !== undefined && length === offsetOf(victim, firstBad);
    return { bytes: victim.bundle.slice(0, length), firstBad: clean ? undefined : firstBad };
  },
  'splice a record of another session': (victim, draw) => {
    const { records } = victim.session;
    const foreign = victim.other.records;
    const target = draw(records.length);
    const source = foreign[Math.min(target, foreign.length - 1)]!;
    const spliced = records.map((each, at) => (at === target ? source : each));
    return { bytes: plain(victim, spliced), firstBad: target };
  },
  'insert a record of another session': (victim, draw) => {
    const { records } = victim.session;
    const at = 1 + draw(records.length - 1);
    const inserted = [...records.slice(0, at), victim.other.records[1]!, ...records.slice(at)];
    return { bytes: plain(victim, inserted), named: at };
  },
  'splice a section of another session': (victim, draw) => {
    const tag = sectionTags[draw(sectionTags.length)]!;
    return { bytes: withSections(victim, { [tag]: sampleSections(victim.other)[tag] }) };
  },
  'delete a section': (victim, draw) => {
    const tag = sectionTags[draw(sectionTags.length)]!;
    return { bytes: withSections(victim, { [tag]: undefined }), options: { requireAnchor: true } };
  },
  'roll back to an earlier checkpoint': (victim, draw) => {
    const { session } = victim;
    const { records } = session;
    const left = records.slice(0, 1 + draw(records.length - 1));
    const sections = {
      ...sampleSections({ ...session, options: { ...session.options, anchored: false } }, left),
    };
    const seenCheckpoint = sampleCheckpoint(session, records);
    return { bytes: assemble(session.sessionId, { records: left, sections }), options: { seenCheckpoint } };
  },
  'roll back the checkpoint only': (victim, draw) => {
    const { session } = victim;
    const size = 1 + draw(session.records.length - 1);
    return {
      bytes: withSections(victim, { CKPT: utf8ToBytes(sampleCheckpoint(session, session.records, size)) }),
    };
  },
  'sign everything anew with a foreign key': (victim, draw) => {
    const { session } = victim;
    const recorder = testKey(draw(2) === 0 ? session.recorder.name : 'mallory.example', 'mallory');
    const forged = sampleSession({ ...session.options, recorder });
    return {
      bytes: sampleBundle(forged),
      options: { recorderKeys: [session.recorder.vkey], ledgerKeys: [session.ledger.vkey] },
    };
  },
  'sign other content anew with a foreign key, keeping the header': (victim, draw) => {
    const { session } = victim;
    const target = 1 + draw(session.records.length - 2);
    const changed = session.records.map((each, at) =>
      at === target ? flip(each, each.length * 8 - 1) : each,
    );
    const mallory = { ...session, recorder: testKey(session.recorder.name, 'mallory') };
    return {
      bytes: assemble(session.sessionId, { records: changed, sections: sampleSections(mallory, changed) }),
    };
  },
  'insert bytes': (victim, draw) => {
    const at = draw(victim.bundle.length + 1);
    const inserted = seededBytes(`insert/${draw(1e9)}`, 1 + draw(300));
    return { bytes: concatBytes(victim.bundle.subarray(0, at), inserted, victim.bundle.subarray(at)) };
  },
  'delete bytes': (victim, draw) => {
    const at = draw(victim.bundle.length);
    const until = at + 1 + draw(300);
    return { bytes: concatBytes(victim.bundle.subarray(0, at), victim.bundle.subarray(until)) };
  },
  'overwrite bytes': (victim, draw) => {
    const at = draw(victim.bundle.length);
    const bytes = victim.bundle.slice();
    const written = seededBytes(`overwrite/${draw(1e9)}`, 1 + draw(300)).subarray(0, bytes.length - at);
    bytes.set(written, at);
    // Where the first section goes, too, nothing is left to tell records by but their headers.
    const within = recordAt(victim, at + written.length - 1) !== undefined;
    return { bytes, firstBad: within ? recordAt(victim, at) : undefined };
  },
};
