import { bytesToHex, hexToBytes } from '@lucid/bytes';
import type { blockchainApiContract } from '@lucid/contracts';
import { keccak256 } from '@lucid/eth-proof';
import { type Call, type Handlers, jsonText } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { RpcRefusal } from '../domain/chain-rpc.ts';
import { type RpcReceipt, type RpcTransaction, toTransaction, toWaiting } from '../domain/readable.ts';
import { answerSafely } from '../domain/safe-rpc.ts';
import { asking, problem } from '../problem.ts';

type TransactionOperation =
  | 'listPending'
  | 'getTransaction'
  | 'submitTransaction'
  | 'submitTransactions'
  | 'rpc';

const PRUNED = 4444;
/** As the node says that it has the transaction: repeating is no fault. */
const KNOWN = 'already known';

type Outcome = { readonly transactionHash: string } | { readonly refused: string };

async function submit(context: Context, call: Call, raw: readonly string[]): Promise<Outcome[]> {
  const requests = raw.map((each) => ({ method: 'eth_sendRawTransaction', params: [each] }));
  const answers: unknown[] = [];
  // One after the other: of one sender the first must be there before the second.
  for (const request of requests) answers.push(...(await context.rpc.askAll(call, [request])));
  return answers.map((answer, at) => {
    if (!(answer instanceof RpcRefusal)) return { transactionHash: answer as string };
    if (answer.message !== KNOWN) return { refused: answer.message };
    return { transactionHash: `0x${bytesToHex(keccak256(hexToBytes(raw[at]?.slice(2) ?? '')))}` };
  });
}

async function listPending(context: Context, call: Call, limit: number) {
  const content = (await context.rpc.ask(call, 'txpool_content')) as {
    readonly pending: Readonly<Record<string, Readonly<Record<string, RpcTransaction>>>>;
  };
  const waiting = Object.values(content.pending).flatMap((each) => Object.values(each));
  return { total: waiting.length, transactions: waiting.slice(0, limit).map(toWaiting) };
}

async function readTransaction(context: Context, call: Call, hash: string) {
  const [transaction, receipt] = await context.rpc.askAll(call, [
    { method: 'eth_getTransactionByHash', params: [hash] },
    { method: 'eth_getTransactionReceipt', params: [hash] },
  ]);
  if (transaction instanceof RpcRefusal || receipt instanceof RpcRefusal) {
    const refusal = transaction instanceof RpcRefusal ? transaction : (receipt as RpcRefusal);
    if (refusal.code === PRUNED) throw problem('block_pruned', { cause: refusal });
    throw refusal;
  }
  if (transaction === null) throw problem('transaction_unknown');
  const isWaiting = (transaction as RpcTransaction).blockTimestamp == null;
  return toTransaction(transaction as RpcTransaction, isWaiting ? null : (receipt as RpcReceipt | null));
}

const passOn = (context: Context, call: Call) => (body: unknown) =>
  asking(context.chain.rpc({ body }, { call }));

export const transactionHandlers: Pick<
  Handlers<typeof blockchainApiContract, Context>,
  TransactionOperation
> = {
  listPending: ({ query }, call, context) => listPending(context, call, query.limit),
  getTransaction: ({ params }, call, context) => readTransaction(context, call, params.transaction),
  submitTransaction: async ({ body }, call, context) => {
    const [outcome] = await submit(context, call, [body.raw]);
    if (outcome && 'transactionHash' in outcome) return outcome;
    throw problem('transaction_refused', outcome ? { detail: outcome.refused } : {});
  },
  submitTransactions: async ({ body }, call, context) => ({ results: await submit(context, call, body.raw) }),
  rpc: async ({ body }, call, context) => jsonText(JSON.stringify(await passOn(context, call)(body))),
};

export const safeRpcHandler: Pick<Handlers<typeof blockchainApiContract, Context>, 'rpc'> = {
  rpc: async ({ body }, call, context) =>
    jsonText(JSON.stringify(await answerSafely(body, passOn(context, call)))),
};
