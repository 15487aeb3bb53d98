import { isProblem, type ProblemError } from '../src/index.ts';

/** The problem that a promise rejects with; fails where it resolves or rejects otherwise. */
export async function problemOf(work: Promise<unknown>): Promise<ProblemError> {
  try {
    await work;
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
  throw new Error('resolved, a problem was expected');
}

export const codeOf = async (work: Promise<unknown>): Promise<string> => (await problemOf(work)).code;

/** A promise with its handles. */
export function createLatch<T = void>() {
  let open: (value: T) => void = () => {};
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
