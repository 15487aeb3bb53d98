/** Failures of services and stores, in words for people: what is wrong and what to do. Anything else stays as it is. */
import { ConfigError, isProblem, ProblemError } from '@lucid/service-kit';
import { CliError, type CliErrorCode } from './cli-error.ts';

type Told = readonly [code: CliErrorCode, text: string];

const FULL: Told = [
  'store_full',
  'the disk with the data folder is full. Nothing that was reported as durable is lost; free some room and try again.',
];
const DISK: Told = [
  'host_failed',
  'the data folder could not be read or written: the disk or its file system fails. Nothing that was reported as durable is lost; look after the disk, then try again.',
];
const DAMAGED: Told = [
  'data_folder_damaged',
  'the data folder holds something else than was written to it. Finished evidence can be checked with: lucid verify FILE. Restore the folder from a backup, or name another with LUCID_HOME.',
];
const LOG_DAMAGED: Told = [
  'data_folder_damaged',
  'the log of the ledger (ledger/log in the data folder) does not hold what it signed. Finished evidence can be checked with: lucid verify FILE. Restore the whole data folder from one backup, or name another with LUCID_HOME.',
];
const DENIED: Told = [
  'data_folder_unusable',
  'the data folder may not be read or written by this user. Look at its owner and permissions.',
];
const SECRET_LOST: Told = [
  'data_folder_damaged',
  'keys/access.secret in the data folder is not the one that the keys of sign-ins were encrypted with. Restore it from a backup. Evidence is not touched: record, verify and open work without it.',
];
const FAILED: Told = [
  'host_failed',
  'a part of the host failed or did not answer. Nothing that was reported as durable is lost; try again, and see why with LUCID_LOG=warn.',
];

const told: Readonly<Record<string, Told>> = {
  session_unknown: ['session_unknown', 'there is no such session; see: lucid list'],
  store_full: FULL,
  kv_disk_full: FULL,
  ENOSPC: FULL,
  EDQUOT: FULL,
  kv_io: DISK,
  EIO: DISK,
  store_unavailable: DISK,
  kv_corrupt: DAMAGED,
  store_damaged: DAMAGED,
  ledger_damaged: LOG_DAMAGED,
  ledger_rolled_back: LOG_DAMAGED,
  kv_denied: DENIED,
  EROFS: DENIED,
  store_read_only: DENIED,
  auth_secret_mismatch: SECRET_LOST,
  internal: FAILED,
  unavailable: FAILED,
  deadline_exceeded: FAILED,
  bad_answer: FAILED,
};

export function toCliError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CliError) return error;
  if (error instanceof ConfigError) return new CliError('usage', error.message, { cause: error });
  const { code } = error as { code?: unknown };
  const [cliCode, text] = (typeof code === 'string' && told[code]) || [];
  if (cliCode && text) return new CliError(cliCode, text, { cause: error });
  if (isProblem(error) && error instanceof ProblemError)
    return new CliError('host_failed', error.message, { cause: error });
  return error;
}
