import { KvError, type KvErrorCode } from '@lucid/kv-store';

const byLevelCode: Readonly<Record<string, KvErrorCode>> = {
  LEVEL_DATABASE_NOT_OPEN: 'kv_closed',
  LEVEL_ITERATOR_NOT_OPEN: 'kv_closed',
  LEVEL_LOCKED: 'kv_locked',
  LEVEL_CORRUPTION: 'kv_corrupt',
};

const bySystemCode: Readonly<Record<string, KvErrorCode>> = {
  ENOSPC: 'kv_disk_full',
  EDQUOT: 'kv_disk_full',
  EACCES: 'kv_denied',
  EPERM: 'kv_denied',
  EROFS: 'kv_denied',
};

/** LevelDB passes on only strerror's text of what the system said. */
const bySystemText: readonly (readonly [RegExp, KvErrorCode])[] = [
  [/no space left on device|disk quota exceeded/i, 'kv_disk_full'],
  [/permission denied|operation not permitted|read-only file system/i, 'kv_denied'],
  [/corruption|checksum mismatch|no current file|does not exist \(create_if_missing/i, 'kv_corrupt'],
];

/** Errors of a native module may come from another realm, where `instanceof Error` is false. */
const isErrorLike = (value: unknown): value is Error =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Error>).message === 'string';

/** An error and its causes, outermost first; four are enough for any driver. */
const chainOf = (error: unknown): Error[] => {
  const chain: Error[] = [];
  for (let each = error; isErrorLike(each) && chain.length < 4; each = each.cause) chain.push(each);
  return chain;
};

const codeOf = (error: Error): KvErrorCode | undefined => {
  const code = (error as { code?: unknown }).code;
  // "Not open" with a cause is a wrapper round a failure to open, which is something else than a closed store.
  const wrapper = code === 'LEVEL_DATABASE_NOT_OPEN' && error.cause !== undefined;
  const known = typeof code === 'string' && !wrapper ? (bySystemCode[code] ?? byLevelCode[code]) : undefined;
  return known ?? bySystemText.find(([pattern]) => pattern.test(error.message))?.[1];
};

/** The cause is asked before its wrapper: "failed to open" says less than what the engine said. */
export function levelErrorToKvError(error: unknown): KvError {
  if (error instanceof KvError) return error;
  const code = chainOf(error)
    .toReversed()
    .map(codeOf)
    .find((each) => each !== undefined);
  return new KvError(code ?? 'kv_io', { cause: error });
}
