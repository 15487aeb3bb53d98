/** The real file functions, made to fail where a test says. */
import { type FileSystem, nodeFileSystem, type StoreFile } from '../src/index.ts';

export type Step = 'create' | 'writev' | 'sync' | 'datasync' | 'truncate' | 'rename' | 'unlink';

/**
 * Called before each step that changes something. Throwing fails the step; a number lets a writev write only so many
 * bytes of it.
 */
type OnStep = (step: Step, path: string) => number | undefined;

export const errno = (code: string): Error => Object.assign(new Error(`${code}: made to fail`), { code });

function faultyFile(file: StoreFile, path: string, onStep: OnStep): StoreFile {
  const writev = async (parts: readonly NodeJS.ArrayBufferView[], position?: number | null) => {
    const limit = onStep('writev', path);
    if (limit === undefined) return file.writev([...parts], position ?? undefined);
    const bytes = Buffer.concat(parts as readonly Uint8Array[]).subarray(0, limit);
    return file.writev([bytes], position ?? undefined);
  };
  const guarded = async (step: Step, work: () => Promise<void>) => {
    onStep(step, path);
    await work();
  };
  return {
    writev: writev as StoreFile['writev'],
    read: file.read.bind(file) as StoreFile['read'],
    stat: () => file.stat(),
    close: () => file.close(),
    sync: () => guarded('sync', () => file.sync()),
    datasync: () => guarded('datasync', () => file.datasync()),
    truncate: (length) => guarded('truncate', () => file.truncate(length)),
  };
}

export function createFaultyFileSystem(onStep: OnStep): FileSystem {
  return {
    ...nodeFileSystem,
    open: async (path, flags, mode) => {
      if (/[wa]/.test(flags)) onStep('create', path);
      return faultyFile(await nodeFileSystem.open(path, flags, mode), path, onStep);
    },
    rename: async (from, to) => {
      onStep('rename', from);
      await nodeFileSystem.rename(from, to);
    },
    unlink: async (path) => {
      onStep('unlink', path);
      await nodeFileSystem.unlink(path);
    },
  };
}

/** Lives for `steps` steps, then fails everything for ever, as a process does that died; the write it dies in is half done. */
export function createDyingFileSystem(steps: number): { fs: FileSystem; died: () => boolean } {
  let left = steps;
  let halfDone = false;
  const fs = createFaultyFileSystem((step) => {
    left -= 1;
    if (left >= 0) return undefined;
    if (step === 'writev' && left === -1 && !halfDone) {
      halfDone = true;
      return 37;
    }
    throw errno('EIO');
  });
  return { fs, died: () => left < 0 };
}
