/** Whatever a client asks over HTTP in a test: each answer is held against the OpenRPC of execution-apis. */
import { shapeFaults } from './openrpc.ts';

interface Request {
  readonly id: unknown;
  readonly method: string;
}
interface Answer {
  readonly id: unknown;
  readonly result?: unknown;
}

/** Puts itself in the place of `fetch`; gives the faults so far, how many answers were judged, and the way back. */
export function judgeFetch(): { faults: string[]; judged: () => number; restore: () => void } {
  const { fetch } = globalThis;
  const faults: string[] = [];
  let judged = 0;
  globalThis.fetch = async (input, init) => {
    const response = await fetch(input, init);
    const body = init?.body;
    if (typeof body !== 'string') return response;
    const requests = [JSON.parse(body) as Request | Request[]].flat();
    const text = await response.text();
    for (const answer of text === '' ? [] : [JSON.parse(text) as Answer | Answer[]].flat()) {
      const method = requests.find(({ id }) => id === answer.id)?.method;
      if (method === undefined || !('result' in answer)) continue;
      judged += 1;
      faults.push(...shapeFaults(method, withoutNowhere(answer.result)));
    }
    return new Response(text, { status: response.status, headers: response.headers });
  };
  return {
    faults,
    judged: () => judged,
    restore: () => {
      globalThis.fetch = fetch;
    },
  };
}

/** A transaction that waits has no block: geth, and so every client, has null there, which the document does not know. */
function withoutNowhere(result: unknown): unknown {
  if (typeof result !== 'object' || result === null || !('blockHash' in result) || result.blockHash !== null)
    return result;
  const somewhere = { blockHash: `0x${'0'.repeat(64)}`, blockNumber: '0x0', blockTimestamp: '0x0' };
  return { ...result, ...somewhere, transactionIndex: '0x0' };
}
