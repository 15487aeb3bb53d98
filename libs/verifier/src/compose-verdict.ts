/** From findings to the verdict: each fault gets its moment, the summary its numbers. */
import { bytesToUtf8 } from '@lucid/bytes';
import { NONE } from './align.ts';
import type { BundleReader } from './byte-window.ts';
import { type Fault, type FaultList, type FaultPlace, toFault } from './fault.ts';
import { createMoments } from './moments.ts';
import { policySummaryOf } from './policy-summary.ts';
import type { Verdict, VerdictSummary } from './verdict.ts';
import type { Findings } from './verify-bundle.ts';

const NO_SUMMARY: Omit<VerdictSummary, 'fileSizeBytes'> = {
  records: 0,
  chunks: 0,
  events: 0,
  plainBytes: 0,
  storedBytes: 0,
  startedAtUs: null,
  endedAtUs: null,
  closed: 'unfinished',
  reason: null,
  owner: null,
  title: null,
  tracks: [],
  policy: null,
  merkleRoot: null,
  recorder: null,
  recorderPinned: false,
  checkpoint: null,
  anchor: null,
  soundRecords: 0,
  soundUntilUs: null,
  recordHashes: 'read',
  openedChunks: null,
};

/** The verdict on a file that is no bundle of this version. */
export const refuse = (reader: BundleReader, faults: FaultList): Verdict => ({
  ok: false,
  sessionId: null,
  faults: faults.list().map((fault) => toFault(fault)),
  omittedFaults: faults.omitted,
  firstBad: null,
  summary: { ...NO_SUMMARY, fileSizeBytes: reader.sizeBytes },
});

function firstBadOf(faults: readonly Fault[]): Verdict['firstBad'] {
  const touched = faults.filter((fault) => fault.record !== undefined);
  if (touched.length === 0) return null;
  const first = touched.reduce((a, b) => ((b.record ?? 0) < (a.record ?? 0) ? b : a));
  return { record: first.record ?? 0, atUs: first.atUs ?? null, offset: first.offset ?? null };
}

function textOf(bytes: Uint8Array | undefined): string | null {
  try {
    return bytes === undefined ? null : bytesToUtf8(bytes);
  } catch {
    return null;
  }
}

function summarise(findings: Findings, firstBad: Verdict['firstBad']): VerdictSummary {
  const { facts, judged, scan, sections, faults } = findings;
  const { header, close } = facts;
  const found = judged.place.filter((at) => at >= 0).length;
  const soundRecords = firstBad?.record ?? (judged.whole ? judged.place.length : 0);
  const last = judged.place[Math.min(soundRecords, judged.place.length) - 1] ?? -1;
  return {
    fileSizeBytes: findings.reader.sizeBytes,
    records: found,
    chunks: facts.chunks,
    events: facts.events,
    plainBytes: facts.plainBytes,
    storedBytes: facts.storedBytes,
    startedAtUs: header?.startedAtUs ?? null,
    endedAtUs: close?.atUs ?? facts.lastUs,
    closed: close?.closed ?? 'unfinished',
    reason: close?.reason ?? null,
    owner: header?.owner ?? null,
    title: header?.title ?? null,
    tracks: header?.tracks ?? [],
    policy: policySummaryOf(header, scan.policyDetails),
    merkleRoot: findings.merkleRoot,
    recorder: findings.recorder,
    recorderPinned: findings.recorderPinned,
    checkpoint: faults.has('checkpoint_malformed') ? null : textOf(sections.CKPT),
    anchor: findings.anchor,
    soundRecords: Math.min(soundRecords, judged.place.length),
    soundUntilUs: last >= 0 ? scan.table.capturedUntilUs(last) : null,
    recordHashes: scan.skippedChunks > 0 ? 'from-index' : 'read',
    openedChunks: findings.opened ? scan.openedChunks : null,
  };
}

export function composeVerdict(findings: Findings): Verdict {
  const { scan, judged, sessionId } = findings;
  const found = findings.faults.list();
  const bad = new Set(found.map(({ record }) => record));
  const inPlaceOf = (record: number): number => judged.found[record] ?? NONE;
  const moments = createMoments(scan.table, judged.place, (record) => bad.has(record), inPlaceOf);
  const placeOf = (record: number): FaultPlace => {
    const atUs = moments.momentOf(record);
    const at = inPlaceOf(record);
    return {
      ...(atUs === null ? {} : { atUs }),
      ...(at === NONE ? {} : { offset: scan.table.offset(at) }),
    };
  };
  const faults = found.map((fault) =>
    toFault(fault, fault.record === undefined ? undefined : placeOf(fault.record)),
  );
  const firstBad = firstBadOf(faults);
  return {
    ok: faults.length === 0,
    sessionId,
    faults,
    omittedFaults: findings.faults.omitted,
    firstBad,
    summary: summarise(findings, firstBad),
  };
}
