/** The chain's node, asked over JSON-RPC. */
import type { onSystemChainContract } from '@lucid/contracts';
import type { Call, Client } from '@lucid/service-kit';
import { asking, problem } from '../problem.ts';

/** The node's answer to one request that it did not carry out. */
export class RpcRefusal extends Error {
  override readonly name = 'RpcRefusal';
  readonly code: number;

  constructor({ code, message }: { readonly code: number; readonly message: string }) {
    super(message);
    this.code = code;
  }
}

export interface RpcRequest {
  readonly method: string;
  readonly params: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** EIP-1474: what is needed for the answer is away now. */
const UNAVAILABLE = -32002;

export class ChainRpc {
  readonly #chain: Client<typeof onSystemChainContract>;

  constructor(chain: Client<typeof onSystemChainContract>) {
    this.#chain = chain;
  }

  /** @throws RpcRefusal; ProblemError chain_unavailable */
  async ask(call: Call, method: string, ...params: readonly unknown[]): Promise<unknown> {
    const [answer] = await this.askAll(call, [{ method, params }]);
    if (answer instanceof RpcRefusal) throw answer;
    return answer;
  }

  /** Results in the order of the requests. @throws ProblemError chain_unavailable */
  async askAll(call: Call, requests: readonly RpcRequest[]): Promise<unknown[]> {
    if (requests.length === 0) return [];
    const body = requests.map((each, id) => ({ jsonrpc: '2.0', id, ...each }));
    const answers = (await asking(this.#chain.rpc({ body }, { call }))) as readonly Answer[];
    const byId = new Map(answers.map((each) => [each.id, each]));
    return requests.map((_each, id) => {
      const { error, result } = byId.get(id) ?? { error: { code: UNAVAILABLE, message: 'no answer' } };
      if (error?.code === UNAVAILABLE) throw problem('chain_unavailable', { cause: new RpcRefusal(error) });
      return error ? new RpcRefusal(error) : result;
    });
  }
}
