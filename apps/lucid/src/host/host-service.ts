/** The host's own small service: sealing a local file on behalf of the command line in another process. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { type InputOf, lucidHostContract, type OutputOf } from '@lucid/contracts';
import { BulkSealError } from '@lucid/pipeline';
import { defineService, problemsOf } from '@lucid/service-kit';
import { Type } from 'typebox';
import { type BulkDesk, SealRefusedError } from './bulk-desk.ts';

type Operations = (typeof lucidHostContract)['operations'];
type SealBody = InputOf<Operations['startSeal']>['body'];
type SealProgress = OutputOf<Operations['getSeal']>;

interface Seal {
  readonly body: SealBody;
  progress: SealProgress;
}

interface HostContext {
  /** The newest of each session, in the order of their start. */
  readonly seals: Map<string, Seal>;
  readonly desk: BulkDesk;
  close(): Promise<void>;
}

/** Ended ones are remembered this far, for those who still ask how they ended. */
const MAX_ENDED_SEALS = 256;

const problem = problemsOf(lucidHostContract);

function openSource(path: string): { fd: number; sizeBytes: number } {
  if (!isAbsolute(path)) throw problem('source_unreadable', { detail: 'the path must be absolute' });
  try {
    const fd = openSync(path, 'r');
    const stat = fstatSync(fd);
    if (stat.isFile()) return { fd, sizeBytes: stat.size };
    closeSync(fd);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw problem('source_unreadable', { detail: code, cause: error });
  }
  throw problem('source_unreadable', { detail: 'it is not a regular file' });
}

function faultOf(error: unknown): string {
  if (error instanceof BulkSealError) return error.fault;
  return error instanceof SealRefusedError ? error.code : 'internal';
}

/** The same request finds its sealing; one that failed begins anew, if the track has nothing of it yet. */
function startSeal({ desk, seals }: HostContext, sessionId: string, body: SealBody): SealProgress {
  const known = seals.get(sessionId);
  const same = known?.body.path === body.path && known.body.track === body.track;
  if (known && same && known.progress.state !== 'failed') return known.progress;
  try {
    desk.assertSealable(sessionId, body.track);
  } catch (error) {
    if (!(error instanceof SealRefusedError)) throw error;
    throw problem(error.code, { detail: error.message, cause: error });
  }
  const seal: Seal = { body, progress: { state: 'sealing', plainBytes: 0, chunks: 0 } };
  void runSeal(desk, sessionId, { seal, source: openSource(body.path) });
  seals.delete(sessionId);
  seals.set(sessionId, seal);
  forgetEnded(seals);
  return seal.progress;
}

/** Never rejects. */
async function runSeal(
  desk: BulkDesk,
  sessionId: string,
  { seal, source }: { readonly seal: Seal; readonly source: { fd: number; sizeBytes: number } },
): Promise<void> {
  const { track, chunkSizeBytes } = seal.body;
  const onProgress = (plainBytes: number) => {
    seal.progress = { ...seal.progress, plainBytes };
  };
  try {
    const { chunks, plainBytes } = await desk.seal({ sessionId, source, track, chunkSizeBytes, onProgress });
    seal.progress = { state: 'sealed', chunks, plainBytes };
  } catch (error) {
    const { message: reason } = error as Error;
    seal.progress = { ...seal.progress, state: 'failed', fault: faultOf(error), reason };
  } finally {
    closeSync(source.fd);
  }
}

function forgetEnded(seals: Map<string, Seal>): void {
  const ended = [...seals].filter(([, { progress }]) => progress.state !== 'sealing');
  for (const [sessionId] of ended.slice(0, -MAX_ENDED_SEALS)) seals.delete(sessionId);
}

export const lucidHost = defineService({
  contract: lucidHostContract,
  config: Type.Object({}),
  createContext(options: { adapters: Partial<{ desk: BulkDesk }> }): HostContext {
    const { desk } = options.adapters;
    if (!desk) throw new TypeError('lucid-host needs its bulk desk');
    return { seals: new Map(), desk, close: () => desk.close() };
  },
  handlers: {
    startSeal: ({ params, body }, _call, context) => startSeal(context, params.sessionId, body),
    getSeal({ params }, _call, { seals }) {
      const seal = seals.get(params.sessionId);
      if (!seal) throw problem('seal_unknown');
      return seal.progress;
    },
  },
});
