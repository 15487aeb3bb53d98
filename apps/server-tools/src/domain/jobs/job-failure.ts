/** Why a job failed, as its document says it. */
import { jobErrors } from '@lucid/contracts';
import { isProblem, type ProblemError } from '@lucid/service-kit';
import { BackupStoreError } from '@lucid/store-mongo/backup';
import { problem } from '../../problem.ts';
import type { JobDocument } from '../../store/job-store.ts';

type Failure = NonNullable<JobDocument['failure']>;
type JobErrorCode = keyof typeof jobErrors;

const isJobError = (code: string): code is JobErrorCode => Object.hasOwn(jobErrors, code);

/** What the document store says, in the contract's words; other errors stay what they are. */
export const storeProblem = (error: unknown): unknown =>
  error instanceof BackupStoreError
    ? problem(error.code, { detail: `It said: ${error.detail}.`, cause: error })
    : error;

/** Texts of unforeseen errors go to the log, not here. */
export function failureOf(error: unknown): Failure {
  const known = storeProblem(error);
  if (!isProblem(known) || !isJobError(known.code))
    return { code: 'internal', message: jobErrors.internal.title };
  return { code: known.code, message: sentence(known.code, known) };
}

const sentence = (code: JobErrorCode, { detail }: ProblemError): string =>
  [jobErrors[code].title, detail].filter((each) => each !== undefined).join(' ');
