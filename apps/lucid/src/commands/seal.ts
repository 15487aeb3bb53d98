/** `lucid seal FILE|-`: seals a file or standard input as a session of its own. */
import { closeSync, fstatSync, openSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CaptureAgent } from '@lucid/capture-agent';
import { lucidHostContract, sessionRecorderContract } from '@lucid/contracts';
import { BulkSealError } from '@lucid/pipeline';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import type { CommandContext } from '../cli/command-context.ts';
import type { Progress } from '../cli/output.ts';
import { agentDependencies } from './agent-dependencies.ts';
import { reportEvidence } from './report-evidence.ts';
import { beginSession, checkEvidence, endSession, type Session } from './session-flow.ts';

export interface SealOptions {
  /** A path, or `-` for standard input. */
  readonly source: string;
  readonly title?: string;
  readonly chunkSizeBytes?: number;
  readonly readBack: boolean;
  readonly to: readonly string[];
}

interface Source {
  readonly fd: number;
  readonly sizeBytes: number | null;
  readonly path: string | null;
  readonly name: string;
}

const STDIN_FD = 0;
const POLL_MS = 100;

function openSource(source: string): Source {
  if (source === '-') return { fd: STDIN_FD, sizeBytes: null, path: null, name: 'standard input' };
  try {
    const fd = openSync(source, 'r');
    const stat = fstatSync(fd);
    if (stat.isDirectory()) {
      closeSync(fd);
      throw new Error(`it is a folder; seal an archive of it: tar -c ${source} | lucid seal -`);
    }
    return {
      fd,
      sizeBytes: stat.isFile() ? stat.size : null,
      path: realpathSync(source),
      name: basename(source),
    };
  } catch (error) {
    throw new CliError('source_unreadable', `${source} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function toCliError(error: unknown, sessionId: string): unknown {
  if (!(error instanceof BulkSealError)) return error;
  const what = `session ${sessionId} is closed as interrupted at its last durable record`;
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

/** Sealing by the workers of a host in another process. */
async function sealThere(
  { lucid }: CommandContext,
  session: Session,
  path: string,
  progress: Progress,
): Promise<void> {
  const host = lucid.clientOf(lucidHostContract);
  const params = { sessionId: session.sessionId };
  let seal = await host.startSeal({
    params,
    body: { path, track: 0, chunkSizeBytes: session.chunkSizeBytes },
  });
  while (seal.state === 'sealing') {
    await delay(POLL_MS);
    seal = await host.getSeal({ params });
    progress.update(seal.plainBytes);
  }
  if (seal.state === 'failed')
    throw new BulkSealError(
      seal.fault === 'store_full' ? 'store_full' : 'store_failed',
      seal.reason ?? 'unknown',
    );
}

/** A pipe into a host in another process goes the way of a live recording. */
async function streamThere(
  { lucid, process: { stdin } }: CommandContext,
  session: Session,
  progress: Progress,
): Promise<void> {
  const agent = new CaptureAgent(
    {
      sessionId: session.sessionId,
      track: 0,
      onPressure: (paused) => (paused ? stdin.pause() : stdin.resume()),
    },
    agentDependencies(lucid.clientOf(sessionRecorderContract)),
  );
  agent.start();
  let size = 0;
  for await (const bytes of stdin) {
    agent.push(bytes as Buffer, Date.now() * 1000);
    size += (bytes as Buffer).length;
    progress.update(size);
  }
  await agent.finish();
}

async function sealSource(context: CommandContext, session: Session, source: Source): Promise<void> {
  const progress = context.output.progress('sealing', source.sizeBytes);
  const { desk } = context.lucid;
  try {
    if (desk) {
      await desk.seal({
        sessionId: session.sessionId,
        source,
        track: 0,
        chunkSizeBytes: session.chunkSizeBytes,
        onProgress: (bytes) => progress.update(bytes),
        signal: context.abort,
      });
    } else if (source.sizeBytes !== null && source.path !== null) {
      await sealThere(context, session, source.path, progress);
    } else {
      await streamThere(context, session, progress);
    }
  } finally {
    progress.end();
  }
}

export async function seal(context: CommandContext, options: SealOptions): Promise<number> {
  const { lucid, output } = context;
  const source = openSource(options.source);
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
  try {
    await sealSource(context, session, source);
  } catch (error) {
    await endSession(lucid, session.sessionId, {
      closed: 'interrupted',
      reason: (error as Error).message.slice(0, 1000),
    }).catch(() => {});
    throw toCliError(error, session.sessionId);
  } finally {
    if (source.fd !== STDIN_FD) closeSync(source.fd);
  }
  const finished = await endSession(lucid, session.sessionId, { closed: 'ended' });
  const result = await checkEvidence(lucid, finished, options.readBack);
  reportEvidence(output, result);
  return result.verified ? exitCodes.ok : exitCodes.failed;
}
