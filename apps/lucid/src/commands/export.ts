/** `lucid export ID|FILE`: a copy of the finished evidence, checked before it appears. */
import { sizeText } from '@lucid/verifier';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import type { Connection } from '../host/host-connection.ts';
import { isStream, OutputClosedError, type OutputTarget, openOutput, withOutput } from './export-target.ts';
import { assertHolds } from './open.ts';
import { BundleFile } from './open-bundle.ts';
import { type EvidenceTarget, findEvidence } from './open-target.ts';

export interface ExportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly out?: string;
  readonly force: boolean;
  /** File of the operator's service key: the session is one of services in processes of their own. */
  readonly operatorKey?: string;
  /** Of the stack of containers that runs here. */
  readonly compose?: boolean;
}

interface ServicesAway {
  readonly services: Connection;
  toError(error: unknown): unknown;
}

/** Null where the evidence is in the data folder. */
async function openServices(
  env: NodeJS.ProcessEnv,
  { operatorKey, compose }: ExportOptions,
): Promise<ServicesAway | null> {
  if (compose) {
    if (operatorKey !== undefined)
      throw new CliError('usage', '--operator-key: with --compose the key is that of compose/secrets.');
    const { connectToStack, toStackError } = await import('../compose/stack-services.ts');
    return { services: connectToStack(env), toError: toStackError };
  }
  if (operatorKey === undefined) return null;
  const { connectAsOperator, toServicesError } = await import('./export-services.ts');
  return { services: connectAsOperator(env, operatorKey), toError: toServicesError };
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
async function copyChecked(evidence: EvidenceTarget, target: OutputTarget, output: Output): Promise<number> {
  if (target.draft === null) await assertHolds(evidence, output, { readRecords: true });
  const bundle = BundleFile.open(evidence.path);
  try {
    await copyBytes(bundle, target, output);
    if (target.draft !== null)
      await assertHolds({ ...evidence, path: target.draft }, output, {
        readRecords: true,
        told: { name: evidence.path },
      });
    return bundle.sizeBytes;
  } finally {
    bundle.close();
  }
}

interface Exporting {
  readonly sessionId: string;
  /** Writes it whole, judged, and says how long it is. */
  write(target: OutputTarget, output: Output): Promise<number>;
}

async function fromDisk(process: NodeJS.Process, text: string, options: ExportOptions): Promise<Exporting> {
  const evidence = await findEvidence(process, text, options);
  const bundle = BundleFile.open(evidence.path);
  const { sessionId } = bundle;
  bundle.close();
  return { sessionId, write: (target, output) => copyChecked(evidence, target, output) };
}

async function fromServices(services: Connection, text: string): Promise<Exporting> {
  const { exportFromServices, findFinished } = await import('./export-services.ts');
  const session = await findFinished(services, text);
  const { sessionId, manifestHash, anchored } = session;
  const expected = { sessionId, ...(manifestHash ? { manifestHash } : {}) };
  return {
    sessionId,
    async write(target, output) {
      const bytes = await exportFromServices(services, session, { target, output });
      // Signed by the recorder of those services, not by one of this machine.
      if (target.draft !== null)
        await assertHolds(
          { path: target.draft, home: null, expected, requireAnchor: anchored, byId: false },
          output,
          {
            readRecords: true,
            told: {
              name: `what the services gave of session ${sessionId}`,
              advice: 'Nothing was written. Let the operator look after the services.',
            },
          },
        );
      return bytes;
    },
  };
}

async function writeOut(
  { sessionId, write }: Exporting,
  options: ExportOptions,
  output: Output,
): Promise<void> {
  const target = openOutput(options.out ?? `./${sessionId.slice(0, 16)}.lucid`, options);
  try {
    const bytes = await withOutput(target, () => write(target, output));
    if (target.draft === null) return;
    output.json({ sessionId, file: target.name, bytes });
    output.line(`exported  ${target.name}  (${sizeText(bytes)})`);
    output.line(`anybody verifies it offline with: lucid verify ${target.name}`);
  } catch (error) {
    if (!(error instanceof OutputClosedError)) throw error;
  }
}

export async function exportEvidence(
  process: NodeJS.Process,
  text: string,
  options: ExportOptions,
): Promise<number> {
  const output = new Output(process, options);
  const isAway = options.operatorKey !== undefined || options.compose;
  // It comes record by record, so it can be judged only when it is whole.
  if (isAway && options.out !== undefined && isStream(options.out))
    throw new CliError(
      'usage',
      `-o ${options.out}: what comes out of services is checked before it appears; name a file.`,
    );
  const away = await openServices(process.env, options);
  if (away === null) {
    await writeOut(await fromDisk(process, text, options), options, output);
    return exitCodes.ok;
  }
  try {
    await writeOut(await fromServices(away.services, text), options, output);
  } catch (error) {
    throw away.toError(error);
  } finally {
    await away.services.close();
  }
  return exitCodes.ok;
}
