/** What the records say, once it is known that they are the ones that were recorded: header, tracks, events, closing, manifest. */
import { canonicalJson } from '@lucid/jcs';
import type { Manifest, ManifestTrack, SessionClose, SessionHeader } from '@lucid/session-format';
import { NONE } from './align.ts';
import { FaultList } from './fault.ts';
import type { JudgedRecords } from './judge-records.ts';
import type { ScanResult } from './scan.ts';

export interface SessionFacts {
  readonly header: SessionHeader | null;
  readonly close: SessionClose | null;
  readonly chunks: number;
  readonly events: number;
  readonly plainBytes: number;
  readonly storedBytes: number;
  /** By track number. */
  readonly tracks: ReadonlyMap<number, { readonly chunks: number; readonly plainBytes: number }>;
  /** Capture time of the last record. */
  readonly lastUs: number | null;
}

interface CheckInput {
  readonly scan: ScanResult;
  readonly judged: JudgedRecords;
  readonly sessionId: string;
  readonly faults: FaultList;
}

function readHeader({ scan, judged, sessionId, faults }: CheckInput): SessionHeader | null {
  const at = judged.place[0] ?? NONE;
  if (at === NONE) return null;
  const parsed = scan.headers.get(at);
  if (parsed === undefined) {
    faults.add('header_invalid', 'record 0 of type header', `type ${scan.table.type(at) ?? 'unknown'}`, 0);
    return null;
  }
  if (!parsed.ok) {
    faults.addDetail('header_invalid', parsed.detail, 0);
    return null;
  }
  if (parsed.value.sessionId !== sessionId)
    faults.add('header_invalid', `session ${sessionId}`, `session ${parsed.value.sessionId}`, 0);
  return parsed.value;
}

type Counts = Pick<SessionFacts, 'chunks' | 'events' | 'plainBytes'>;

function checkClosing({ scan, judged: { place }, faults }: CheckInput, counts: Counts): SessionClose | null {
  const last = place.length - 1;
  const at = place[last] ?? NONE;
  const parsed = at === NONE ? undefined : scan.closes.get(at);
  if (parsed === undefined) return null;
  if (!parsed.ok) {
    faults.addDetail('closing_wrong', parsed.detail, last);
    return null;
  }
  for (const name of ['chunks', 'events', 'plainBytes'] as const) {
    if (parsed.value[name] !== counts[name])
      faults.add('closing_wrong', `${name} ${counts[name]}`, `${name} ${parsed.value[name]}`, last);
  }
  return parsed.value;
}

/** Plain offsets of each track run on from 0, and each track is one that the header declares. */
class TrackRun {
  readonly tracks = new Map<number, { chunks: number; plainBytes: number }>();
  readonly #declared: ReadonlySet<number> | null;
  readonly #faults: FaultList;

  constructor(header: SessionHeader | null, faults: FaultList) {
    this.#declared = header && new Set(header.tracks.map(({ track }) => track));
    this.#faults = faults;
  }

  add(record: number, number: number, plainOffset: number, plainBytes: number): void {
    const track = this.tracks.get(number) ?? { chunks: 0, plainBytes: 0 };
    if (this.#declared?.has(number) === false)
      this.#faults.add('track_gap', 'a track of the session header', `track ${number}`, record);
    if (plainOffset !== track.plainBytes)
      this.#faults.add(
        'track_gap',
        `byte ${track.plainBytes} of track ${number}`,
        `byte ${plainOffset}`,
        record,
      );
    const reached = Math.max(track.plainBytes, plainOffset + plainBytes);
    this.tracks.set(number, { chunks: track.chunks + 1, plainBytes: reached });
  }
}

function addMisplacedType(type: string, record: number, last: number, faults: FaultList): void {
  if (type === 'header' && record > 0)
    faults.add('header_invalid', 'one header, record 0', 'another header', record);
  if (type === 'close' && record < last)
    faults.add('closing_wrong', 'the closing record last', `records up to ${last}`, record);
}

/** Header first, closing last, tracks declared and without gap. */
export function checkRecords(input: CheckInput): SessionFacts {
  const { scan, judged } = input;
  const { table } = scan;
  const { place } = judged;
  const header = readHeader(input);
  // Around a bad record, gaps and wrong counts follow of themselves and would hide it.
  const faults = judged.whole ? input.faults : new FaultList();
  const run = new TrackRun(header, faults);
  const facts = { chunks: 0, events: 0, plainBytes: 0, storedBytes: 0, lastUs: null as number | null };
  place.forEach((at, record) => {
    if (at === NONE) return;
    const type = table.type(at);
    facts.storedBytes += table.sizeBytes(at);
    facts.lastUs = Math.max(facts.lastUs ?? 0, table.capturedUntilUs(at));
    if (type === 'header' || type === 'close') addMisplacedType(type, record, place.length - 1, faults);
    if (type === 'event') {
      facts.events++;
      const detail = scan.eventFaults.get(at);
      if (detail !== undefined) faults.addDetail('event_invalid', detail, record);
    }
    if (type !== 'chunk') return;
    facts.chunks++;
    facts.plainBytes += table.plainSizeBytes(at);
    run.add(record, table.track(at), table.plainOffset(at), table.plainSizeBytes(at));
    const unopened = scan.openFaults.get(at);
    if (unopened !== undefined)
      input.faults.add('chunk_does_not_open', 'a chunk sealed with the session key', unopened, record);
  });
  const close = checkClosing({ ...input, faults }, facts);
  return { ...facts, header, close, tracks: run.tracks };
}

export interface ManifestInput {
  readonly manifest: Manifest;
  readonly sessionId: string;
  readonly facts: SessionFacts;
  /** Null where the records are not whole: only what does not hang on all of them is compared then. */
  readonly whole: { readonly treeSize: number; readonly merkleRoot: string } | null;
  readonly faults: FaultList;
}

type Expected = Partial<Record<keyof Manifest, unknown>>;

/** What the manifest must say. */
function expectedManifest({ sessionId, facts, whole }: ManifestInput): Expected {
  const { header, close } = facts;
  const fromHeader: Expected | null = header && {
    owner: header.owner,
    recorder: header.recorder,
    policyHash: header.policyHash,
    startedAtUs: header.startedAtUs,
  };
  if (whole === null) return { sessionId, ...fromHeader };
  const tracks = header?.tracks.map((track): ManifestTrack => {
    const { chunks, plainBytes } = facts.tracks.get(track.track) ?? { chunks: 0, plainBytes: 0 };
    return { ...track, chunks, plainBytes };
  });
  return {
    sessionId,
    ...fromHeader,
    ...(close && { endedAtUs: close.atUs, closed: close.closed, reason: close.reason }),
    ...whole,
    chunkCount: facts.chunks,
    plainBytes: facts.plainBytes,
    storedBytes: facts.storedBytes,
    ...(tracks && { tracks }),
  };
}

const say = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : canonicalJson(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};

/** Compares the manifest, member by member, with the records. */
export function checkManifest(input: ManifestInput): void {
  const { manifest, faults } = input;
  for (const [name, expected] of Object.entries(expectedManifest(input))) {
    const found: unknown = manifest[name as keyof Manifest];
    if (
      (expected === undefined ? '' : canonicalJson(expected)) !==
      (found === undefined ? '' : canonicalJson(found))
    )
      faults.add('manifest_differs', `${name} ${say(expected)}`, `${name} ${say(found)}`);
  }
}
