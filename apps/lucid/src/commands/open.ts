/** `lucid open ID|FILE`: the exact bytes that were recorded, decrypted to a file or to standard output. */
import { basename } from 'node:path';
import type { Manifest, ManifestTrack } from '@lucid/session-format';
import { type Fault, sizeText } from '@lucid/verifier';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import type { Home } from '../host/home.ts';
import { OutputClosedError, type OutputTarget, openOutput, withOutput } from './export-target.ts';
import { BundleFile } from './open-bundle.ts';
import { openTrack, readingCodec, type TrackRange } from './open-chunks.ts';
import { IdentityRing, unlock } from './open-identity.ts';
import { holdsWrappedKey } from './open-lost-key.ts';
import { type EvidenceTarget, findEvidence } from './open-target.ts';
import { openUnverified } from './open-unverified.ts';
import { verifyFile } from './verify-file.ts';

export interface OpenOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly out?: string;
  readonly identity: readonly string[];
  readonly track?: number;
  /** FROM-UNTIL in bytes of the track. */
  readonly range?: string;
  readonly force: boolean;
  /** Open what still opens, whatever the evidence is like; tags are checked all the same. */
  readonly unverified: boolean;
}

/** Bytes between two looks at signals. */
const BREATH_BYTES = 32 * 1024 * 1024;

/** FROM-UNTIL, FROM- or -UNTIL. @throws CliError usage */
export function parseRange(text: string | undefined): Omit<TrackRange, 'track'> {
  if (text === undefined) return {};
  const match = /^(\d*)-(\d*)$/.exec(text);
  const [, from = '', until = ''] = match ?? [];
  const fromByte = from === '' ? 0 : Number(from);
  const untilByte = until === '' ? Number.POSITIVE_INFINITY : Number(until);
  if (!match || (from === '' && until === '') || untilByte <= fromByte)
    throw new CliError(
      'usage',
      `--range ${text}: give the first byte and the one behind the last, as in 0-1048576.`,
    );
  return { fromByte, untilByte };
}

/** What lies in the track of a range. @throws CliError usage where nothing does */
export function clipRange(
  text: string | undefined,
  { track, plainBytes }: Pick<ManifestTrack, 'track' | 'plainBytes'>,
  output: Pick<Output, 'note'>,
): TrackRange {
  const { fromByte, untilByte } = parseRange(text);
  if (fromByte === undefined || untilByte === undefined) return { track };
  if (fromByte >= plainBytes)
    throw new CliError(
      'usage',
      `--range ${text}: track ${track} ends at byte ${plainBytes}, so nothing lies there.`,
    );
  if (untilByte !== Number.POSITIVE_INFINITY && untilByte > plainBytes)
    output.note(`Note: track ${track} ends at byte ${plainBytes}; --range ${text} gives what lies before.`);
  return { track, fromByte, untilByte: Math.min(untilByte, plainBytes) };
}

/** @throws CliError usage where there is no such track */
export function chooseTrack({ tracks }: Pick<Manifest, 'tracks'>, wanted: number | undefined): ManifestTrack {
  const track = wanted === undefined ? tracks[0] : tracks.find((each) => each.track === wanted);
  if (track) return track;
  const known = tracks.map((each) => `${each.track} (${each.kind})`).join(', ');
  throw new CliError('usage', `there is no track ${wanted}; the session has: ${known}.`);
}

/** A name for the file, out of a foreign bundle: only its last part, and nothing hidden or unprintable. */
export function plainName(track: ManifestTrack, sessionId: string): string {
  const name = basename(track.name ?? '').replace(/[\p{Cc}\p{Cf}/\\]/gu, '_');
  const usable = name !== '' && !name.startsWith('.') && track.kind !== 'stream';
  return usable ? name : `${sessionId.slice(0, 16)}.bin`;
}

export interface HoldsOptions {
  /** Every chunk, too: for who opens none. Default false. */
  readonly readRecords?: boolean;
  /** What people are told it is, and what to do where it does not hold; default its path, and how to look further. */
  readonly told?: { readonly name: string; readonly advice?: string };
}

/** Recommends only what helps: without a wrapped key in it, nothing of a file opens. */
async function adviceOn({ code }: Fault, { path, name }: { path: string; name: string }): Promise<string> {
  if (code === 'other_evidence') return 'Restore the evidence of that session from a copy.';
  const see = `See: lucid verify ${name}`;
  const opens = await holdsWrappedKey(path);
  return opens ? `${see}; to open what still opens: lucid open --unverified ${name}` : see;
}

/** Refuses evidence that does not hold; chunks are left to their tags unless asked for. @throws CliError verification_failed, not_finished */
export async function assertHolds(
  { path, ...known }: EvidenceTarget,
  output: Pick<Output, 'note'>,
  { readRecords = false, told }: HoldsOptions = {},
): Promise<void> {
  const onNote = (note: string) => output.note(note);
  const { faults } = await verifyFile(path, { ...known, readRecords, onNote });
  const [first] = faults;
  if (!first) return;
  const { name = path } = told ?? {};
  const advice = told?.advice ?? (await adviceOn(first, { path, name }));
  if (first.code === 'closing_missing')
    throw new CliError(
      'not_finished',
      `${name} has no end: the session is still being recorded, or the file was cut off. ${advice}`,
    );
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  throw new CliError('verification_failed', `${name} does not verify. ${first.message}${more} ${advice}`);
}

/** Says what the reader should know besides the bytes. */
export function noteEnding(output: Output, { closed, reason }: Pick<Manifest, 'closed' | 'reason'>): void {
  if (closed === 'interrupted')
    output.note(`Note: this recording was interrupted (${reason ?? 'no reason given'}); it ends there.`);
}

async function writeTrack(
  bundle: BundleFile,
  sessionKey: Uint8Array,
  range: TrackRange,
  { target, output, total }: { target: OutputTarget; output: Output; total: number },
): Promise<number> {
  const codec = await readingCodec();
  const progress = output.progress('opening', total);
  let done = 0;
  let breath = 0;
  try {
    for (const { plain } of openTrack(bundle, sessionKey, codec, range)) {
      await target.write(plain);
      done += plain.length;
      progress.update(done);
      if (done - breath < BREATH_BYTES) continue;
      breath = done;
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    progress.end();
  }
  return done;
}

function assertWhole(
  bundle: BundleFile,
  { track }: TrackRange,
  { doneBytes, totalBytes }: { doneBytes: number; totalBytes: number },
): void {
  if (doneBytes !== totalBytes)
    throw bundle.damaged(
      `track ${track} gives ${doneBytes} bytes, by the manifest it would be ${totalBytes}`,
    );
}

/** Standard output where it is a pipe or a file, else a file with the name of what was recorded. */
export const defaultOut = (process: NodeJS.Process, track: ManifestTrack, sessionId: string): string =>
  process.stdout.isTTY ? `./${plainName(track, sessionId)}` : '-';

const bytesOf = ({ fromByte = 0, untilByte }: TrackRange, { plainBytes }: ManifestTrack): number =>
  (untilByte ?? plainBytes) - fromByte;

async function openBundle(
  process: NodeJS.Process,
  { bundle, home }: { readonly bundle: BundleFile; readonly home: Home | null },
  options: OpenOptions,
  output: Output,
): Promise<void> {
  const { manifest } = bundle;
  const track = chooseTrack(manifest, options.track);
  const range = clipRange(options.range, track, output);
  const ring = new IdentityRing(process, { files: options.identity, home });
  const sessionKey = await unlock(bundle, ring);
  try {
    const target = openOutput(options.out ?? defaultOut(process, track, bundle.sessionId), options);
    const bytes = await withOutput(target, async () => {
      const totalBytes = bytesOf(range, track);
      const doneBytes = await writeTrack(bundle, sessionKey, range, { target, output, total: totalBytes });
      assertWhole(bundle, range, { doneBytes, totalBytes });
      return doneBytes;
    });
    noteEnding(output, manifest);
    if (bytesOf(range, track) < track.plainBytes)
      output.note(
        `Note: of the chunks, only those of the range were checked; all are by: lucid verify ${bundle.path}`,
      );
    if (options.track === undefined && manifest.tracks.length > 1)
      output.note(
        `Note: this is track ${track.track} of ${manifest.tracks.length}; choose another with --track.`,
      );
    if (target.draft === null) return;
    output.json({ sessionId: bundle.sessionId, track: track.track, file: target.name, bytes });
    output.line(`opened  ${target.name}  (${sizeText(bytes)})`);
  } finally {
    sessionKey.fill(0);
  }
}

export async function open(process: NodeJS.Process, text: string, options: OpenOptions): Promise<number> {
  const output = new Output(process, options);
  parseRange(options.range);
  const evidence = await findEvidence(process, text, options);
  if (options.unverified) return openUnverified(process, evidence, options, output);
  await assertHolds(evidence, output);
  const bundle = BundleFile.open(evidence.path);
  try {
    await openBundle(process, { bundle, home: evidence.home }, options, output);
  } catch (error) {
    if (!(error instanceof OutputClosedError)) throw error;
  } finally {
    bundle.close();
  }
  return exitCodes.ok;
}
