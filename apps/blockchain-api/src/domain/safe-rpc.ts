/** JSON-RPC that reads alone: what may change something, or keeps something at the node, is answered here and never passed on. */
import { RPC_BATCH_READ } from '@lucid/contracts';

const safeMethods = new Set([
  ...['web3_clientVersion', 'web3_sha3', 'net_version', 'net_listening', 'net_peerCount'],
  ...['eth_chainId', 'eth_syncing', 'eth_blockNumber', 'eth_accounts', 'eth_coinbase'],
  ...['eth_gasPrice', 'eth_maxPriorityFeePerGas', 'eth_baseFee', 'eth_blobBaseFee', 'eth_feeHistory'],
  ...['eth_getBlockByNumber', 'eth_getBlockByHash', 'eth_getBlockReceipts'],
  ...['eth_getBlockTransactionCountByNumber', 'eth_getBlockTransactionCountByHash'],
  ...['eth_getTransactionByHash', 'eth_getTransactionReceipt', 'eth_getRawTransactionByHash'],
  ...['eth_getTransactionByBlockHashAndIndex', 'eth_getTransactionByBlockNumberAndIndex'],
  ...['eth_getTransactionCount', 'eth_getBalance', 'eth_getCode', 'eth_getStorageAt', 'eth_getProof'],
  ...['eth_getLogs', 'eth_call', 'eth_estimateGas', 'eth_createAccessList'],
]);

type Pass = (body: unknown) => Promise<unknown>;

const METHOD_NOT_FOUND = -32601;
const INVALID_REQUEST = -32600;

const errorOf = (id: unknown, code: number, message: string) => ({
  ...{ jsonrpc: '2.0', id: id ?? null },
  error: { code, message },
});

const methodOf = (request: unknown): string =>
  typeof request === 'object' && request !== null && 'method' in request ? String(request.method) : '';

const idOf = (request: unknown): unknown =>
  typeof request === 'object' && request !== null && 'id' in request ? request.id : undefined;

/** Null for a notification, which wants no answer. */
function refusalOf(request: unknown) {
  const id = idOf(request);
  if (typeof request === 'object' && request !== null && id === undefined) return null;
  return errorOf(id, METHOD_NOT_FOUND, `the method ${methodOf(request).slice(0, 100)} is not offered here`);
}

/** The answer's JSON; null where there is none to give. */
export async function answerSafely(body: unknown, pass: Pass): Promise<unknown> {
  if (!Array.isArray(body)) return safeMethods.has(methodOf(body)) ? pass(body) : refusalOf(body);
  if (body.length === 0 || body.length > RPC_BATCH_READ)
    return errorOf(null, INVALID_REQUEST, `a batch has 1 to ${RPC_BATCH_READ} requests here`);
  const safe = body.filter((each) => safeMethods.has(methodOf(each)));
  const refused = body.filter((each) => !safeMethods.has(methodOf(each))).map(refusalOf);
  const answered = safe.length === 0 ? [] : ((await pass(safe)) ?? []);
  const answers = [
    ...(Array.isArray(answered) ? answered : [answered]),
    ...refused.filter((each) => each !== null),
  ];
  return answers.length === 0 ? null : answers;
}
