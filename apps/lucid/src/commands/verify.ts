/** `lucid verify ID|FILE`: the verdict of a stranger, with what this node knows besides. */
import { statSync } from 'node:fs';
import { type SessionOpener, type Verdict, verdictExitCode, verdictToText } from '@lucid/verifier';
import type { ZstdCodec } from '@lucid/zstd';
import { CliError } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { readingCodec } from './open-chunks.ts';
import { IdentityRing } from './open-identity.ts';
import { findEvidence } from './open-target.ts';
import { verifyFile } from './verify-file.ts';
import { readCheckpointFile } from './verify-seen.ts';

export interface VerifyOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly recorderKey: readonly string[];
  readonly ledgerKey: readonly string[];
  readonly witnessKey: readonly string[];
  readonly identity: readonly string[];
  /** Open every chunk with the keys of this node. */
  readonly decrypt: boolean;
  readonly requireAnchor: boolean;
  readonly seen?: string;
  /** Set false: chunks are counted by the hashes in the bundle's index. */
  readonly readChunks: boolean;
  /** The session that the file must be of, where it came from a host that was asked for it. */
  readonly expectedSession?: string;
}

function openerOf(ring: IdentityRing, codec: ZstdCodec): SessionOpener {
  let room = new Uint8Array(0);
  return {
    unwrapSessionKey: (recipients) => ring.unwrap(recipients),
    decompress(packed, plainSizeBytes) {
      if (room.length < plainSizeBytes) room = new Uint8Array(plainSizeBytes);
      return room.subarray(0, codec.decompress(room.subarray(0, plainSizeBytes), packed));
    },
  };
}

/** Without a data folder nothing is remembered, and without a given key the recorder is anybody: say what the verdict means. */
function addNotes(output: Output, verdict: Verdict): void {
  const { recorderPinned } = verdict.summary;
  if (verdict.ok && !recorderPinned)
    output.note(
      'The recorder is not known here: the evidence is whole and signed, but by whom you must judge by the fingerprint (or name the one you trust with --recorder-key).',
    );
}

export async function verify(process: NodeJS.Process, text: string, options: VerifyOptions): Promise<number> {
  const output = new Output(process, options);
  const target = await findEvidence(process, text, options);
  const { path, ...found } = target;
  const { expectedSession: sessionId } = options;
  const known = { ...found, ...(sessionId ? { expected: { sessionId } } : {}) };
  const opens = options.decrypt || options.identity.length > 0;
  if (opens && !options.readChunks)
    throw new CliError('usage', '--no-read-chunks cannot be combined with --decrypt or --identity.');
  const openSession = opens
    ? openerOf(
        new IdentityRing(process, { files: options.identity, home: target.home }),
        await readingCodec(),
      )
    : undefined;
  const progress = output.progress('verifying', statSync(path, { throwIfNoEntry: false })?.size ?? null);
  let verdict: Verdict;
  try {
    verdict = await verifyFile(path, {
      ...known,
      readRecords: options.readChunks,
      keys: {
        recorderKeys: options.recorderKey,
        ledgerKeys: options.ledgerKey,
        witnessKeys: options.witnessKey,
      },
      requireAnchor: options.requireAnchor || (known.requireAnchor ?? false),
      ...(openSession ? { openSession } : {}),
      ...(options.seen ? { seenCheckpoint: readCheckpointFile(options.seen) } : {}),
      onNote: (note) => output.note(note),
      onProgress: ({ doneBytes }) => progress.update(doneBytes),
    });
  } finally {
    progress.end();
  }
  output.json({ file: path, ...verdict });
  if (!options.json)
    process.stdout.write(verdictToText(path, verdict, { colour: output.colours, quiet: options.quiet }));
  addNotes(output, verdict);
  return verdictExitCode(verdict);
}
