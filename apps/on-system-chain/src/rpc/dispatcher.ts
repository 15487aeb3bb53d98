/**
 * JSON-RPC 2.0 (https://www.jsonrpc.org/specification) from text to text, for every transport. What can be answered from memory
 * is answered in the same turn.
 *
 * Not followed to the letter: parameters by name are refused (-32602), as geth does, since Ethereum's methods name none.
 */
import { isProblem, type Log } from '@lucid/service-kit';
import { BlockPruned } from '../chain/chain-view.ts';
import { isJsonText, type Method, type Methods, type RpcCaller, readParameters } from './method.ts';
import { codes, RpcError } from './rpc-error.ts';

/** As geth: requests of a batch, and bytes of the results in its answer. */
const mostInBatch = 1_000;
const mostResultBytes = 25_000_000;
/** No more than an error takes: such an answer is always given. */
const smallText = 512;
/** Requests of one batch that run at the same time. */
const batchWidth = 16;

type Id = string | number | null;

export interface DispatcherOptions {
  readonly methods: Methods;
  readonly log: Log;
}

type Text = string | null;

const head = '{"jsonrpc":"2.0","id":';
const resultText = (id: Id, result: string): string => `${head}${JSON.stringify(id)},"result":${result}}`;

function errorText(id: Id, { code, message, data }: RpcError): string {
  const error = JSON.stringify(data === undefined ? { code, message } : { code, message, data });
  return `${head}${JSON.stringify(id)},"error":${error}}`;
}

const isId = (value: unknown): value is Id =>
  value === null || typeof value === 'string' || typeof value === 'number';

const invalid = (message: string): RpcError => new RpcError(codes.invalidRequest, message);

export class Dispatcher {
  readonly #methods: ReadonlyMap<string, Method>;
  readonly #log: Log;

  constructor({ methods, log }: DispatcherOptions) {
    this.#methods = new Map(Object.entries(methods));
    this.#log = log;
  }

  /** The answer's text; null where there is none to give, because all were notifications. Never rejects. */
  answerText(text: string, caller: RpcCaller = {}): Text | Promise<Text> {
    let request: unknown;
    try {
      request = JSON.parse(text);
    } catch {
      return errorText(null, new RpcError(codes.parse, 'parse error'));
    }
    return this.answer(request, caller);
  }

  /** As `answerText`, for a request that was parsed. */
  answer(request: unknown, caller: RpcCaller = {}): Text | Promise<Text> {
    return Array.isArray(request) ? this.#answerBatch(request, caller) : this.#answerOne(request, caller);
  }

  async #answerBatch(requests: readonly unknown[], caller: RpcCaller): Promise<Text> {
    if (requests.length === 0) return errorText(null, invalid('empty batch'));
    if (requests.length > mostInBatch) return errorText(null, invalid('batch too large'));
    const answers: Text[] = Array(requests.length).fill(null);
    let next = 0;
    let bytes = 0;
    let isFull = false;
    const answerAt = async (at: number): Promise<Text> => {
      const request = requests[at];
      if (isFull) return tooLarge(request);
      const answer = await this.#answerOne(request, caller);
      const size = answer?.length ?? 0;
      if (size > smallText) {
        // What else is under way counts when it is there: together they stay within the bound.
        isFull ||= bytes + size > mostResultBytes;
        if (isFull) return tooLarge(request);
      }
      bytes += size;
      return answer;
    };
    const work = async () => {
      while (next < requests.length) {
        const at = next++;
        answers[at] = await answerAt(at);
      }
    };
    await Promise.all(Array.from({ length: Math.min(batchWidth, requests.length) }, work));
    const given = answers.filter((each) => each !== null);
    return given.length === 0 ? null : `[${given.join(',')}]`;
  }

  #answerOne(request: unknown, caller: RpcCaller): Text | Promise<Text> {
    if (typeof request !== 'object' || request === null || Array.isArray(request))
      return errorText(null, invalid('invalid request'));
    const { jsonrpc, id, method, params } = request as Readonly<Record<string, unknown>>;
    const isNotification = id === undefined;
    const known: Id = isId(id) ? id : null;
    if (jsonrpc !== '2.0' || typeof method !== 'string' || !(isNotification || isId(id)))
      return errorText(known, invalid('invalid request'));
    const answer = this.#call(known, method, params, caller);
    if (!isNotification) return answer;
    return typeof answer === 'string' ? null : answer.then(() => null);
  }

  #call(id: Id, name: string, params: unknown, caller: RpcCaller): string | Promise<string> {
    try {
      const method = this.#methods.get(name);
      if (!method)
        throw new RpcError(
          codes.methodNotFound,
          `the method ${name.slice(0, 80)} does not exist/is not available`,
        );
      const result = method.run(readParameters(method.parameters, params) as never[], caller);
      if (isJsonText(result)) return resultText(id, result.text);
      if (!(result instanceof Promise)) return resultText(id, JSON.stringify(result ?? null));
      return result.then(
        (value: unknown) => resultText(id, isJsonText(value) ? value.text : JSON.stringify(value ?? null)),
        (error: unknown) => errorText(id, this.#toRpcError(error, name)),
      );
    } catch (error) {
      return errorText(id, this.#toRpcError(error, name));
    }
  }

  #toRpcError(error: unknown, method: string): RpcError {
    if (error instanceof RpcError) {
      if (error.cause !== undefined) this.#log.warn({ err: error, method }, 'a request failed');
      return error;
    }
    if (error instanceof BlockPruned) return new RpcError(codes.pruned, 'pruned history unavailable');
    if (isProblem(error)) {
      const known = problemWords(error.code, error.detail);
      if (known) return known;
    }
    this.#log.error({ err: error, method }, 'a request failed');
    return new RpcError(codes.internal, 'internal error');
  }
}

function tooLarge(request: unknown): Text {
  const id = (request as { id?: unknown } | null)?.id;
  if (id === undefined) return null;
  return errorText(isId(id) ? id : null, new RpcError(codes.responseTooLarge, 'response too large'));
}

const away = 'the chain’s store cannot be reached now; try again';

/** Problems of vm and ledger in the words of geth. */
function problemWords(code: string, detail: string | undefined): RpcError | undefined {
  switch (code) {
    case 'state_unknown':
      return new RpcError(codes.server, 'missing trie node: the state of this block is not kept');
    case 'execution_limit':
      return new RpcError(
        codes.server,
        `execution aborted (timeout)${detail === undefined ? '' : `: ${detail}`}`,
      );
    case 'transaction_unknown':
      return new RpcError(codes.server, 'transaction not found');
    case 'too_many_logs':
      return new RpcError(codes.limit, 'query returned more than 10000 results');
    case 'payload_too_large':
      return new RpcError(codes.limit, 'the request is too large for this node');
    case 'invalid_request':
      return new RpcError(codes.invalidParams, detail ?? 'invalid argument');
    case 'deadline_exceeded':
      return new RpcError(
        codes.unavailable,
        'the node did not find the answer in time; ask for less, or later',
      );
    case 'unavailable':
    case 'too_many_requests':
    case 'vm_unavailable':
    case 'ledger_unavailable':
      return new RpcError(codes.unavailable, away);
    default:
      return undefined;
  }
}
