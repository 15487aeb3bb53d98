/** The host's own small service: sealing a local file on behalf of the command line in another process. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { lucidHostContract } from '@lucid/contracts';
import { BulkSealError } from '@lucid/pipeline';
import { defineService, ProblemError } from '@lucid/service-kit';
import { Type } from 'typebox';
import { type BulkDesk, SessionNotOpenError } from './bulk-desk.ts';

interface Seal {
  state: 'sealing' | 'sealed' | 'failed';
  plainBytes: number;
  chunks: number;
  fault?: string;
  reason?: string;
}

interface HostContext {
  readonly seals: Map<string, Seal>;
  readonly desk: BulkDesk;
  close(): Promise<void>;
}

function openSource(path: string): { fd: number; sizeBytes: number } {
  if (!isAbsolute(path)) throw new ProblemError('source_unreadable', { detail: 'the path must be absolute' });
  try {
    const fd = openSync(path, 'r');
    const stat = fstatSync(fd);
    if (stat.isFile()) return { fd, sizeBytes: stat.size };
    closeSync(fd);
  } catch (error) {
    throw new ProblemError('source_unreadable', {
      detail: (error as NodeJS.ErrnoException).code,
      cause: error,
    });
  }
  throw new ProblemError('source_unreadable', { detail: 'it is not a regular file' });
}

function startSeal(
  context: HostContext,
  sessionId: string,
  body: { path: string; track: number; chunkSizeBytes: number },
): Seal {
  const running = context.seals.get(sessionId);
  if (running) return running;
  const source = openSource(body.path);
  const seal: Seal = { state: 'sealing', plainBytes: 0, chunks: 0 };
  context.seals.set(sessionId, seal);
  const onProgress = (plainBytes: number) => {
    seal.plainBytes = plainBytes;
  };
  context.desk
    .seal({
      sessionId,
      source,
      track: body.track,
      chunkSizeBytes: body.chunkSizeBytes,
      onProgress,
    })
    .then(
      ({ chunks, plainBytes }) => Object.assign(seal, { state: 'sealed', chunks, plainBytes }),
      (error: Error) => {
        const fault =
          error instanceof BulkSealError
            ? error.fault
            : error instanceof SessionNotOpenError
              ? 'session_not_open'
              : 'internal';
        Object.assign(seal, { state: 'failed', fault, reason: error.message });
      },
    )
    .finally(() => closeSync(source.fd));
  return seal;
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
    getSeal({ params }, _call, context) {
      const seal = context.seals.get(params.sessionId);
      if (!seal) throw new ProblemError('seal_unknown');
      return seal;
    },
  },
});
