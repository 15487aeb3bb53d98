/** What the file system says of the backup folder, as problems. */
import { isProblem } from '@lucid/service-kit';
import { problem } from '../../problem.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const UNUSABLE = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'EIO',
  'ENOTDIR',
  'ENOENT',
  'EEXIST',
  'ELOOP',
  'ENAMETOOLONG',
]);

export const codeOfFile = (error: unknown): string | undefined => {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  return typeof syscall === 'string' ? code : undefined;
};

/** Other errors stay what they are. */
export function folderProblem(error: unknown, folder: string): unknown {
  if (isProblem(error)) return error;
  const code = codeOfFile(error);
  if (code === undefined) return error;
  if (FULL.has(code))
    return problem('folder_full', { detail: `There is no room left in ${folder}.`, cause: error });
  if (UNUSABLE.has(code)) return problem('folder_unusable', { detail: `${folder}: ${code}.`, cause: error });
  return error;
}

export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw folderProblem(error, folder);
  }
}
