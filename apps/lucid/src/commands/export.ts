/** `lucid export ID|FILE`: a copy of the finished evidence, checked before it appears. */
import { sizeText } from '@lucid/verifier';
import { exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { OutputClosedError, type OutputTarget, openOutput, withOutput } from './export-target.ts';
import { assertHolds } from './open.ts';
import { BundleFile } from './open-bundle.ts';
import { type EvidenceTarget, findEvidence } from './open-target.ts';

export interface ExportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly out?: string;
  readonly force: boolean;
}

const STEP_BYTES = 8 * 1024 * 1024;

async function copyBytes(bundle: BundleFile, target: OutputTarget, output: Output): Promise<void> {
  const progress = output.progress('copying', bundle.sizeBytes);
  const room = new Uint8Array(Math.min(STEP_BYTES, bundle.sizeBytes));
  try {
    for (let at = 0; at < bundle.sizeBytes; at += room.length) {
      const part = room.subarray(0, Math.min(room.length, bundle.sizeBytes - at));
      bundle.readInto(part, at);
      await target.write(part);
      progress.update(at + part.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    progress.end();
  }
}

/**
 * The tail of a bundle may be written anew (a grant) while it is copied: the copy itself is judged, not the original. What goes
 * to a stream cannot be taken back, so there the original is judged first.
 */
async function copyChecked(
  process: NodeJS.Process,
  evidence: EvidenceTarget,
  target: OutputTarget,
  output: Output,
): Promise<number> {
  if (target.draft === null) await assertHolds(evidence, process);
  const bundle = BundleFile.open(evidence.path);
  try {
    await copyBytes(bundle, target, output);
    if (target.draft !== null) await assertHolds({ ...evidence, path: target.draft }, process);
    return bundle.sizeBytes;
  } finally {
    bundle.close();
  }
}

export async function exportEvidence(
  process: NodeJS.Process,
  text: string,
  options: ExportOptions,
): Promise<number> {
  const output = new Output(process, options);
  const evidence = await findEvidence(process, text, options);
  const bundle = BundleFile.open(evidence.path);
  const { sessionId } = bundle;
  bundle.close();
  const target = openOutput(options.out ?? `./${sessionId.slice(0, 16)}.lucid`, options);
  try {
    const bytes = await withOutput(target, () => copyChecked(process, evidence, target, output));
    if (target.draft === null) return exitCodes.ok;
    output.json({ sessionId, file: target.name, bytes });
    output.line(`exported  ${target.name}  (${sizeText(bytes)})`);
    output.line(`anybody verifies it offline with: lucid verify ${target.name}`);
  } catch (error) {
    if (!(error instanceof OutputClosedError)) throw error;
  }
  return exitCodes.ok;
}
