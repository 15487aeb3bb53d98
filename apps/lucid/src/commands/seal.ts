/** `lucid seal FILE|-`: seals a file or standard input as a session of its own. */
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { CaptureAgent } from '@lucid/capture-agent';
import { lucidHostContract } from '@lucid/contracts';
import { type BulkFault, BulkSealError, bulkFaults } from '@lucid/pipeline';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import type { Progress } from '../cli/output.ts';
import { agentDependencies } from './agent-dependencies.ts';
import { keepAlive } from './keep-alive.ts';
import { reportEvidence } from './report-evidence.ts';
import { openSealSource, type SealSource, type SourceChange } from './seal-source.ts';
import { beginSession, checkEvidence, endSession, type Session } from './session-flow.ts';

export interface SealOptions {
  /** A path, or `-` for standard input. */
  readonly source: string;
  readonly title?: string;
  readonly chunkSizeBytes?: number;
  readonly readBack: boolean;
  readonly to: readonly string[];
}

const POLL_MS = 100;

const changes: Readonly<Record<SourceChange, string>> = {
  grew: 'the file grew while it was sealed; sealed is what it had at the start',
  written: 'the file was written to while it was sealed; what is sealed may be a mixture of before and after',
};

const stopped = (abort: AbortSignal) => new BulkSealError('aborted', `stopped by ${String(abort.reason)}`);

/** `closed` says whether the session could be closed as interrupted. */
function sealFailure(error: unknown, sessionId: string, closed: boolean): unknown {
  if (error instanceof CliError) return error;
  const what = closed
    ? `session ${sessionId} is closed as interrupted at its last durable record`
    : `session ${sessionId} is not closed yet; what is stored is kept, see: lucid show ${sessionId.slice(0, 16)}`;
  if (!(error instanceof BulkSealError))
    return new CliError('session_failed', `sealing failed: ${(error as Error).message}; ${what}`, {
      cause: error,
    });
  if (error.fault === 'store_full')
    return new CliError(
      'store_full',
      `the disk with the data folder is full; ${what}. Free some room and seal again.`,
      { cause: error },
    );
  if (error.fault === 'source_unreadable' || error.fault === 'source_changed')
    return new CliError(
      'source_unreadable',
      `the source could not be read to its end: ${error.message}; ${what}.`,
      { cause: error },
    );
  return new CliError('session_failed', `sealing failed (${error.fault}): ${error.message}; ${what}.`, {
    cause: error,
  });
}

const faultOf = (text: string | undefined): BulkFault =>
  bulkFaults.find((fault) => fault === text) ?? 'store_failed';

/** Sealing by the workers of a host in another process; stopping the session stops them. */
async function sealThere(
  { lucid, abort }: CommandContext,
  session: Session,
  path: string,
  progress: Progress,
): Promise<void> {
  const host = lucid.clientOf(lucidHostContract);
  const params = { sessionId: session.sessionId };
  const body = { path, track: 0, chunkSizeBytes: session.chunkSizeBytes };
  let seal = await host.startSeal({ params, body });
  while (seal.state === 'sealing') {
    if (abort.aborted) throw stopped(abort);
    await delay(POLL_MS, undefined, { signal: abort }).catch(() => {});
    seal = await host.getSeal({ params });
    progress.update(seal.plainBytes);
  }
  if (seal.state === 'failed') throw new BulkSealError(faultOf(seal.fault), seal.reason ?? 'unknown');
}

/** A stream into a host in another process goes the way of a live recording. */
async function streamThere(
  { lucid, abort }: CommandContext,
  session: Session,
  stream: Readable,
  progress: Progress,
): Promise<void> {
  const agent = new CaptureAgent(
    {
      sessionId: session.sessionId,
      track: 0,
      onPressure: (paused) => (paused ? stream.pause() : stream.resume()),
      onLost: (error) => stream.destroy(error),
    },
    agentDependencies(lucid),
  );
  const stop = () => stream.destroy(stopped(abort));
  agent.start();
  try {
    await new Promise<void>((resolve, reject) => {
      let size = 0;
      stream
        .on('data', (bytes: Buffer) => {
          agent.push(bytes, Date.now() * 1000);
          size += bytes.length;
          progress.update(size);
        })
        .once('end', resolve)
        .once('error', reject);
      if (abort.aborted) stop();
      abort.addEventListener('abort', stop, { once: true });
    });
  } finally {
    abort.removeEventListener('abort', stop);
    // What was read is kept, also where the rest is not.
    await agent.finish();
  }
}

async function sealSource(context: CommandContext, session: Session, source: SealSource): Promise<void> {
  const { lucid, abort } = context;
  const progress = context.output.progress('sealing', source.sizeBytes);
  // A stream's agent tells by itself that somebody stands behind the session; workers do not.
  const rest = lucid.desk || source.path !== null ? keepAlive(lucid, session.sessionId) : null;
  try {
    if (lucid.desk) {
      await lucid.desk.seal({
        sessionId: session.sessionId,
        source,
        track: 0,
        chunkSizeBytes: session.chunkSizeBytes,
        onProgress: (bytes) => progress.update(bytes),
        signal: abort,
      });
    } else if (source.path !== null) {
      await sealThere(context, session, source.path, progress);
    } else {
      await streamThere(context, session, source.stream(), progress);
    }
  } catch (error) {
    throw abort.aborted ? stopped(abort) : error;
  } finally {
    rest?.();
    progress.end();
  }
}

/** Closes the session at what is durable. A stop by a signal is reported like an end; a fault is thrown. */
async function closeInterrupted(
  { lucid }: CommandContext,
  session: Session,
  error: unknown,
): Promise<Session> {
  const { sessionId } = session;
  const reason = (error as Error).message.slice(0, 1000);
  const closed = await endSession(lucid, sessionId, { closed: 'interrupted', reason }).catch(() => null);
  if (!closed && !lucid.hostAlive())
    throw sealFailure(new Error('the host is gone', { cause: error }), sessionId, false);
  if (closed && error instanceof BulkSealError && error.fault === 'aborted') return closed;
  throw sealFailure(error, sessionId, closed !== null);
}

export async function seal(context: CommandContext, options: SealOptions): Promise<number> {
  const { lucid, output } = context;
  const source = openSealSource(options.source, context.process);
  try {
    const session = await beginSession(lucid, {
      title: options.title ?? source.name,
      track: {
        kind: source.sizeBytes === null ? 'stream' : 'file',
        mediaType: 'application/octet-stream',
        name: source.name,
      },
      chunkSizeBytes: options.chunkSizeBytes,
      alsoTo: options.to,
    });
    const finished = await sealSource(context, session, source).then(
      () => endSession(lucid, session.sessionId, { closed: 'ended' }),
      (error: unknown) => closeInterrupted(context, session, error),
    );
    const result = await checkEvidence(lucid, finished, options.readBack);
    const sourceChange = source.change();
    if (sourceChange) output.notice(changes[sourceChange]);
    reportEvidence(output, { ...result, ...(sourceChange ? { sourceChange } : {}) });
    return result.verified && result.closed === 'ended' ? exitCodes.ok : exitCodes.failed;
  } finally {
    source.close();
  }
}
