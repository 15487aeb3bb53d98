/** `lucid open --unverified`: writes what still opens of a file, names what does not, and never ends with 0 where anything is wrong. */
import { openFileReader, sizeText } from '@lucid/verifier';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { Output } from '../cli/output.ts';
import { OutputClosedError, type OutputTarget, openOutput, withOutput } from './export-target.ts';
import { chooseTrack, defaultOut, noteEnding, type OpenOptions, parseRange } from './open.ts';
import { readingCodec } from './open-chunks.ts';
import { IdentityRing } from './open-identity.ts';
import { findLostSession, LostChunks, lostTracks, type Skipped, skippedText } from './open-lost-chunks.ts';
import { findLostKey } from './open-lost-key.ts';
import type { EvidenceTarget } from './open-target.ts';
import { verifyErrorToCli, verifyFile } from './verify-file.ts';

/** What is wrong with the evidence, or null. What cannot be judged here, as with a lost key of this node, is not verified. */
async function faultOf({ path, ...known }: EvidenceTarget, output: Output): Promise<string | null> {
  try {
    const { faults } = await verifyFile(path, {
      ...known,
      readRecords: true,
      onNote: (note) => output.note(note),
    });
    return faults[0]?.message ?? null;
  } catch (error) {
    if (!(error instanceof CliError) || error.code === 'source_unreadable') throw error;
    return error.message;
  }
}

interface Written {
  readonly bytes: number;
  readonly skipped: readonly Skipped[];
}

interface Writing {
  readonly chunks: LostChunks;
  readonly track: number;
  readonly range: { readonly fromByte?: number; readonly untilByte?: number };
  readonly output: Output;
}

async function writeWhatOpens(
  { chunks, track, range, output }: Writing,
  key: Uint8Array,
  target: OutputTarget,
): Promise<Written> {
  const { fromByte = 0, untilByte = Number.POSITIVE_INFINITY } = range;
  const skipped: Skipped[] = [];
  let bytes = 0;
  for await (const found of chunks.of(track, key)) {
    if ('plain' in found) {
      const from = Math.max(0, fromByte - found.plainOffset);
      const part = found.plain.subarray(from, Math.max(from, untilByte - found.plainOffset));
      await target.write(part);
      bytes += part.length;
    } else if (found.fromByte < untilByte && (found.untilByte ?? Number.POSITIVE_INFINITY) > fromByte) {
      skipped.push(found);
      output.notice(skippedText(track, found));
    }
  }
  if (bytes === 0 && skipped.length > 0)
    throw new CliError('verification_failed', `nothing that was asked for of track ${track} opens.`);
  return { bytes, skipped };
}

export async function openUnverified(
  process: NodeJS.Process,
  evidence: EvidenceTarget,
  options: OpenOptions,
  output: Output,
): Promise<number> {
  const { path, home } = evidence;
  const fault = await faultOf(evidence, output);
  const reader = openFileReader(path);
  try {
    const session = await findLostSession(reader);
    const tracks = session && lostTracks(session);
    if (session === null || !tracks?.tracks.length)
      throw new CliError('verification_failed', `${path} holds no record that can be opened. ${fault ?? ''}`);
    const track = chooseTrack(tracks, options.track);
    const range = parseRange(options.range);
    const ring = new IdentityRing(process, { files: options.identity, home });
    const chunks = new LostChunks(reader, session, await readingCodec());
    const { sessionId, close } = session;
    const fits = (key: Uint8Array) => chunks.isKey(key);
    const lost = { path, reader, sessionId, ring, hasHome: home !== null, fits };
    const key = await findLostKey(process, lost, output);
    try {
      const target = openOutput(options.out ?? defaultOut(process, track, sessionId), options);
      if (fault !== null) output.notice(`${path} does not verify. ${fault}`);
      const { bytes, skipped } = await withOutput(target, () =>
        writeWhatOpens({ chunks, track: track.track, range, output }, key, target),
      );
      if (close) noteEnding(output, close);
      if (target.draft !== null) {
        output.json({ sessionId, track: track.track, file: target.name, bytes, skipped });
        output.line(`opened  ${target.name}  (${sizeText(bytes)})`);
      }
      return fault === null && skipped.length === 0 ? exitCodes.ok : exitCodes.failed;
    } finally {
      key.fill(0);
    }
  } catch (error) {
    if (error instanceof OutputClosedError) return fault === null ? exitCodes.ok : exitCodes.failed;
    throw verifyErrorToCli(error);
  } finally {
    reader.close();
  }
}
