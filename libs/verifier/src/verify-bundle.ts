/**
 * The verdict on a `.lucid` file from its bytes alone (docs/evidence-format.md section 8). Nothing here is shared with what wrote
 * the file but the primitives and the format.
 *
 * One pass over the records; besides the file's index and about 90 bytes a record only a few megabytes are held.
 */
import { bytesToHex } from '@lucid/bytes';
import { sha256 } from '@lucid/crypto';
import {
  INDEX_ROW_BYTES,
  type Manifest,
  parseDocument,
  type Recipients,
  type SectionTag,
  type SessionHeader,
} from '@lucid/session-format';
import { checkAnchor } from './anchor-checks.ts';
import type { BundleReader } from './byte-window.ts';
import { checkRecorder, checkRoot, checkSeen, type FoundTree, readCheckpoint } from './checkpoint-checks.ts';
import { composeVerdict, refuse } from './compose-verdict.ts';
import { FaultList } from './fault.ts';
import { readFront, readOpening } from './front.ts';
import { IndexTable } from './index-table.ts';
import { type JudgedRecords, judgeRecords } from './judge-records.ts';
import { type ChunkOpener, openWith } from './opening.ts';
import { readRecipients } from './recipients-checks.ts';
import { type ScanResult, scanRecords } from './scan.ts';
import { checkManifest, checkRecords, type SessionFacts } from './session-checks.ts';
import {
  locateTrailer,
  readTrailer,
  type SectionBodies,
  salvageTrailer,
  type TrailerPlace,
} from './trailer-reader.ts';
import { isPinned, isSignedByAny, parsePins, readLogKey } from './trust.ts';
import type { AnchorSummary, Knowledge, Verdict, VerifyOptions } from './verdict.ts';

/** Everything known about a bundle while it is judged. */
export interface Findings {
  readonly reader: BundleReader;
  readonly options: VerifyOptions;
  readonly faults: FaultList;
  readonly sessionId: string;
  readonly sections: SectionBodies;
  readonly scan: ScanResult;
  readonly judged: JudgedRecords;
  readonly facts: SessionFacts;
  readonly merkleRoot: string | null;
  readonly recorder: string | null;
  readonly recorderPinned: boolean;
  readonly anchor: AnchorSummary | null;
  readonly opened: boolean;
}

const requiredSections: readonly SectionTag[] = ['MANI', 'CKPT', 'INDX', 'KEYS'];

function readIndex(sections: SectionBodies, faults: FaultList): IndexTable | null {
  const bytes = sections.INDX;
  if (bytes === undefined) return null;
  if (bytes.length % INDEX_ROW_BYTES === 0) return new IndexTable(bytes);
  faults.add('index_wrong', 'rows of 44 bytes', `${bytes.length} bytes`);
  return null;
}

const parseManifest = (sections: SectionBodies): Manifest | null => {
  const parsed = sections.MANI && parseDocument('manifest', sections.MANI);
  return parsed?.ok ? parsed.value : null;
};

interface Trailer {
  readonly place: TrailerPlace | null;
  /** Null where the file has none: an unfinished session, or a cut-off file. */
  readonly sections: SectionBodies | null;
}

/** Scans; in a file without a usable footer the sections are found behind the records then. */
async function scanAll(input: {
  readonly reader: BundleReader;
  readonly options: VerifyOptions;
  readonly faults: FaultList;
  readonly sessionId: string;
  readonly index: IndexTable | null;
  readonly opener: ChunkOpener | null;
  readonly trailer: Trailer;
}): Promise<{ scan: ScanResult; sections: SectionBodies | null }> {
  const { reader, trailer, faults } = input;
  const scan = await scanRecords({
    reader,
    sessionId: input.sessionId,
    recordsEnd: trailer.place?.offset ?? null,
    index: input.index,
    opener: input.opener,
    recordHashes: input.options.recordHashes ?? 'read',
    onProgress: input.options.onProgress,
  });
  if (trailer.place !== null || scan.recordsEnd >= reader.sizeBytes)
    return { scan, sections: trailer.sections };
  return { scan, sections: await salvageTrailer(reader, scan.recordsEnd, faults) };
}

/** A file that ends where its trailer should begin. */
function addUnfinished(scan: ScanResult, reader: BundleReader, faults: FaultList): void {
  const { table } = scan;
  if (table.count > 0 && table.type(table.count - 1) === 'close') {
    const rest = reader.sizeBytes - scan.recordsEnd;
    faults.add('truncated_file', 'manifest, checkpoint and index behind the closing record', `${rest} bytes`);
  }
}

function addMissing(sections: SectionBodies, faults: FaultList): void {
  for (const tag of requiredSections)
    if (sections[tag] === undefined)
      faults.add('section_missing', `section ${tag}`, Object.keys(sections).join(', ') || 'none');
}

const foundTree = ({ place, whole }: JudgedRecords, { table }: ScanResult): FoundTree | null =>
  whole ? { leafHashes: (record) => table.leafHash(place[record]!), size: place.length } : null;

function checkEnd(facts: SessionFacts, { place }: JudgedRecords, scan: ScanResult, faults: FaultList): void {
  const hasClosing = scan.closes.size > 0;
  if (facts.close === null && !hasClosing)
    faults.add('closing_missing', 'a closing record at the end', `${place.length} records without one`);
  else if (facts.close === null && !faults.has('closing_wrong') && faults.size === 0)
    faults.add('closing_wrong', 'a closing record last', 'another record', place.length - 1);
}

function readManifest(
  bytes: Uint8Array | undefined,
  input: {
    sessionId: string;
    facts: SessionFacts;
    whole: { treeSize: number; merkleRoot: string } | null;
    faults: FaultList;
  },
): Manifest | null {
  if (bytes === undefined) return null;
  const parsed = parseDocument('manifest', bytes);
  if (!parsed.ok) {
    input.faults.addDetail('manifest_malformed', parsed.detail);
    return null;
  }
  checkManifest({ manifest: parsed.value, ...input });
  return parsed.value;
}

/** Evidence that is valid in itself may still be that of another session, laid where this one was. */
function checkAskedFor({ expected }: VerifyOptions, sessionId: string, faults: FaultList): void {
  if (expected !== undefined && expected.sessionId !== sessionId)
    faults.add('other_evidence', `session ${expected.sessionId}`, `session ${sessionId}`);
}

/** Only where nothing else is wrong: what is may be why the manifest differs. */
function checkManifestHash(
  { expected }: VerifyOptions,
  manifest: Uint8Array | undefined,
  faults: FaultList,
): void {
  if (expected?.manifestHash === undefined || manifest === undefined || faults.size > 0) return;
  const hash = bytesToHex(sha256(manifest));
  if (hash !== expected.manifestHash)
    faults.add('other_evidence', `the manifest with SHA-256 ${expected.manifestHash}`, `one with ${hash}`);
}

/** Opens the session where the caller can. */
async function openSession(
  options: VerifyOptions,
  session: { recipients: Recipients | null; header: SessionHeader | null; sessionId: string },
  faults: FaultList,
): Promise<ChunkOpener | null> {
  return options.openSession === undefined ? null : openWith(options.openSession, session, faults);
}

type Recall = NonNullable<VerifyOptions['recall']>;

function askedOnce(recall: Recall = () => ({})): Recall {
  let known: Knowledge | undefined;
  return (claim) => {
    known ??= recall(claim);
    return known;
  };
}

/**
 * Judges a bundle or an unfinished session file. Whatever its bytes are, the answer is a verdict.
 *
 * @throws VerifyError where no verdict can be given: the file cannot be read, or what the caller brought along is not what it should be.
 */
export async function verifyBundle(reader: BundleReader, given: VerifyOptions = {}): Promise<Verdict> {
  const options = { ...given, recall: askedOnce(given.recall) };
  const verdict = await verifyOnce(reader, options);
  // A chunk counted by a row of the index that was changed looks like a changed record: only its bytes tell which it is.
  const unclear =
    verdict.summary.recordHashes === 'from-index' &&
    verdict.faults.some(({ code }) => code === 'root_differs');
  return unclear ? verifyOnce(reader, { ...options, recordHashes: 'read' }) : verdict;
}

async function verifyOnce(
  reader: BundleReader,
  options: VerifyOptions & { readonly recall: Recall },
): Promise<Verdict> {
  const faults = new FaultList();
  parsePins(options);
  const claimed = await readFront(reader, faults);
  if (claimed === null) return refuse(reader, faults);
  const place = await locateTrailer(reader, faults);
  const early = place === null ? null : await readTrailer(reader, place, faults);
  const index = early === null ? null : readIndex(early, faults);
  const manifest = early === null ? null : parseManifest(early);
  const { sessionId, header } = await readOpening(reader, claimed, { index, manifest }, faults);
  checkAskedFor(options, sessionId, faults);
  const earlyRecipients = readRecipients(early?.KEYS, sessionId, faults);
  const opener = await openSession(options, { recipients: earlyRecipients, header, sessionId }, faults);
  try {
    const trailer = { place, sections: early };
    const { scan, sections } = await scanAll({ reader, options, faults, sessionId, index, opener, trailer });
    return judge({
      reader,
      options,
      faults,
      sessionId,
      scan,
      place,
      sections,
      index,
      header,
      opened: opener !== null,
    });
  } finally {
    opener?.close();
  }
}

function judge(input: {
  readonly reader: BundleReader;
  readonly options: VerifyOptions & { readonly recall: Recall };
  readonly faults: FaultList;
  readonly sessionId: string;
  readonly scan: ScanResult;
  readonly place: TrailerPlace | null;
  readonly sections: SectionBodies | null;
  readonly index: IndexTable | null;
  /** As read ahead, from where record 0 should be. */
  readonly header: SessionHeader | null;
  readonly opened: boolean;
}): Verdict {
  const { reader, options, faults, sessionId, scan, place } = input;
  const sections = input.sections ?? {};
  if (input.sections === null) addUnfinished(scan, reader, faults);
  else addMissing(sections, faults);
  const late = place === null && input.sections !== null;
  if (late) readRecipients(sections.KEYS, sessionId, faults);
  const index = input.index ?? (late ? readIndex(sections, faults) : null);
  const checkpoint = readCheckpoint(sections.CKPT, sessionId, faults);
  const named = [input.header?.recorder, parseManifest(sections)?.recorder];
  // One that its recorder did not sign was changed itself, and tells nothing of the records.
  const signed = checkpoint !== null && isSignedByAny(checkpoint, named) ? checkpoint : null;
  const judged = judgeRecords({
    scan,
    index,
    signed,
    sessionId,
    indexedEnd: place?.footer.trailerOffset ?? scan.recordsEnd,
    inFileOrder: input.sections === null,
    faults,
  });
  const found = foundTree(judged, scan);
  const merkleRoot = found === null ? null : checkRoot(found, signed, faults);
  const facts = checkRecords({ scan, judged, sessionId, faults });
  const recorder = facts.header?.recorder ?? parseManifest(sections)?.recorder ?? null;
  const key = recorder === null ? null : readLogKey(recorder, 'header_invalid', faults, 0);
  const recalled = options.recall({ sessionId, recorder });
  const pins = parsePins(options, recalled);
  checkRecorder({ key, pins: pins.recorders, signed: checkpoint, faults });
  const seenCheckpoint = options.seenCheckpoint ?? recalled.seenCheckpoint;
  if (seenCheckpoint !== undefined) checkSeen({ seenCheckpoint, sessionId, key, found, signed, faults });
  checkEnd(facts, judged, scan, faults);
  const whole = merkleRoot === null ? null : { treeSize: judged.place.length, merkleRoot };
  const manifest = readManifest(sections.MANI, { sessionId, facts, whole, faults });
  const anchor = checkAnchor({
    bytes: sections.ANCH,
    manifest,
    manifestBytes: sections.MANI,
    checkpointText: signed?.note.text ?? null,
    recorder: key,
    pins,
    options,
    faults,
  });
  checkManifestHash(options, sections.MANI, faults);
  return composeVerdict({
    reader,
    options,
    faults,
    sessionId,
    sections,
    scan,
    judged,
    facts,
    recorder,
    anchor,
    merkleRoot,
    recorderPinned: key !== null && isPinned(pins.recorders, key),
    opened: input.opened,
  });
}
