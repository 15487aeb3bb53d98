/** One session, its bundle, and ways to make faulty ones out of it. */
import { bytesToUtf8, concatBytes } from '@lucid/bytes';
import { createNoteSigner, formatCheckpoint, signNote } from '@lucid/checkpoint';
import { canonicalBytes } from '@lucid/jcs';
import { leafHash, rootOfLeaves } from '@lucid/merkle';
import { encodeControlRecord, type Sections, type SectionTag } from '@lucid/session-format';
import type { FaultCode, VerifyOptions } from '../src/index.ts';
import {
  assemble,
  sampleAnchor,
  sampleBundle,
  sampleCheckpoint,
  sampleEntry,
  sampleManifest,
  samplePart,
  sampleSections,
  sampleSession,
  sealChunk,
  timeOf,
  toyDecompress,
} from './sample-session.ts';

export const session = sampleSession({ seed: 'faults', chunks: 8, anchored: true });
export const other = sampleSession({ seed: 'another', chunks: 8, anchored: true });
export const { records, sessionId } = session;
export const bundle = sampleBundle(session);
export const sections = sampleSections(session);
export const momentOf = (record: number): number => timeOf(records[record]!).fromUs;

export interface Expected {
  readonly code: FaultCode;
  readonly record?: number;
  /** The first fault listed, not only one of them. */
  readonly first?: boolean;
}

export interface Case extends Expected {
  readonly what: string;
  readonly bytes: () => Uint8Array | Promise<Uint8Array>;
  readonly options?: VerifyOptions;
}

export const changed = (bytes: Uint8Array, at: number, mask = 1): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ mask;
  return copy;
};
export const cutOut = (bytes: Uint8Array, from: number, to: number): Uint8Array =>
  concatBytes(bytes.subarray(0, from), bytes.subarray(to));
export const offsetOf = (record: number): number =>
  64 + records.slice(0, record).reduce((sum, { length }) => sum + length, 0);
export const recordsEnd = offsetOf(records.length);

export const withSections = (changes: Partial<Record<SectionTag, Uint8Array | undefined>>): Uint8Array =>
  assemble(sessionId, { records, sections: { ...sections, ...changes } as Sections });
export const json = (tag: SectionTag): Record<string, unknown> => JSON.parse(bytesToUtf8(sections[tag]!));
export const withJson = (tag: SectionTag, changes: Record<string, unknown>): Uint8Array =>
  withSections({ [tag]: canonicalBytes({ ...json(tag), ...changes }) });
/** The recorder itself signs other records: what a broken or dishonest recorder can do. */
export const resigned = (changedRecords: readonly Uint8Array[]): Uint8Array =>
  assemble(sessionId, { records: changedRecords, sections: sampleSections(session, changedRecords) });
export const replaced = (record: number, by: Uint8Array): Uint8Array[] =>
  records.map((each, at) => (at === record ? by : each));
export const control = (type: 'header' | 'event' | 'close', index: number, value: unknown): Uint8Array =>
  concatBytes(
    ...encodeControlRecord({ type, sessionId, index, atUs: momentOf(index), payload: canonicalBytes(value) }),
  );
export const close = (): Record<string, unknown> => JSON.parse(bytesToUtf8(records.at(-1)!.subarray(128)));
export const last = records.length - 1;
export const eventIndex = records.findIndex((record) => record[5] === 3);
export const entry = sampleEntry(session, sampleManifest(session), sampleCheckpoint(session, records));
export const anchorWith = (changes: Record<string, unknown>): Uint8Array => withJson('ANCH', changes);
export const entryWith = (changes: Record<string, unknown>): Uint8Array =>
  withSections({
    ANCH: sampleAnchor(session, canonicalBytes({ ...JSON.parse(bytesToUtf8(entry)), ...changes })),
  });
export const foreignCheckpoint = (origin: string): string =>
  signNote(
    formatCheckpoint({
      origin,
      size: records.length,
      root: rootOfLeaves(records.map((each) => leafHash(each))),
    }),
    [createNoteSigner(session.recorder)],
  );
export const openWith = (sessionKey: Uint8Array | null): VerifyOptions => ({
  openSession: { unwrapSessionKey: () => sessionKey, decompress: toyDecompress },
});
export const badChunk = (): Uint8Array[] =>
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
export const swap = (a: number, b: number): Uint8Array[] => {
  const copy = [...records];
  [copy[a], copy[b]] = [copy[b]!, copy[a]!];
  return copy;
};
/** Every key that this session rightly bears, each in its role. */
export const trusted = {
  recorderKeys: [session.recorder.vkey],
  ledgerKeys: [session.ledger.vkey],
  witnessKeys: [session.witness.vkey],
};
export const part = samplePart(session, records.slice(0, 7));
