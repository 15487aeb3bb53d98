/** What the document store says, in the words of a contract that declares `store_full`: the same for every operation. */
import { isDocumentStoreError } from '@lucid/document-store';
import { ProblemError } from './problem.ts';

/** Handlers of all operations go through here unchanged; `never` accepts any parameters. */
type AnyHandler = (...args: never[]) => unknown;

/** The same for one piece of work. @throws ProblemError store_full, unavailable */
export async function storing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isDocumentStoreError(error, 'store_full')) throw new ProblemError('store_full', { cause: error });
    if (isDocumentStoreError(error, 'store_unavailable'))
      throw new ProblemError('unavailable', { cause: error });
    throw error;
  }
}

export const withStoreProblems = <H extends Readonly<Record<string, AnyHandler>>>(handlers: H): H =>
  Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [
      name,
      (...args: never[]) => storing((async () => handler(...args))()),
    ]),
  ) as unknown as H;
