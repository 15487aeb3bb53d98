import { blockchainApiContract } from '@lucid/contracts';
import { isProblem, problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(blockchainApiContract);

/** Codes that mean here what they mean to the index of sessions. */
const shared = ['session_unknown', 'batch_unknown', 'not_provable', 'invalid_request'] as const;

const OFF = ['unavailable', 'deadline_exceeded'];

/** What the service that anchors answers, in the words of this contract. */
export async function handingOver<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (isProblem(cause, ...OFF)) throw problem('anchoring_unavailable', { cause });
    if (isProblem(cause, 'anchor_conflict', 'store_full', 'invalid_request'))
      throw problem(cause.code as 'anchor_conflict' | 'store_full' | 'invalid_request', {
        ...(cause.detail ? { detail: cause.detail } : {}),
        cause,
      });
    throw cause;
  }
}

/** What the other services of the chain answer, in the words of this contract. */
export async function asking<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!isProblem(cause)) throw cause;
    const code = shared.find((each) => each === cause.code);
    if (code)
      throw problem(code, {
        ...(cause.detail ? { detail: cause.detail } : {}),
        ...{ extensions: cause.extensions, cause },
      });
    if (isProblem(cause, 'chain_replaced', 'index_clearing')) throw problem('index_unreadable', { cause });
    if (isProblem(cause, 'chain_unavailable', 'ledger_unavailable', 'store_full', 'unavailable'))
      throw problem('chain_unavailable', { cause });
    throw cause;
  }
}
