import { bytesToHex, equalBytes, hexToBytes } from '@lucid/bytes';
import { decodeKeptBlock, toQuantity } from '@lucid/chain-wire';
import type { blockchainApiContract, OutputOf } from '@lucid/contracts';
import { blockHash, decodeHeader, decodeRlp, EthProofError, encodeRlp, type RlpItem } from '@lucid/eth-proof';
import { type Call, type Handlers, isProblem } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { RpcRefusal } from '../domain/chain-rpc.ts';
import { type RpcBlock, toBlock, toBlockSummary } from '../domain/readable.ts';
import { asking, problem } from '../problem.ts';

type BlockOperation = 'listBlocks' | 'getLatestBlock' | 'getBlockByHeight' | 'getBlock' | 'validateBlock';
type Verdict = OutputOf<(typeof blockchainApiContract)['operations']['validateBlock']>;
type Fault = Verdict['faults'][number];

/** EIP-4444. */
const PRUNED = 4444;

async function readBlock(context: Context, call: Call, method: string, id: string) {
  const [block] = await context.rpc.askAll(call, [{ method, params: [id, false] }]);
  if (block instanceof RpcRefusal && block.code === PRUNED) throw problem('block_pruned', { cause: block });
  if (block === null || block instanceof RpcRefusal) throw problem('block_unknown');
  return toBlock(block as RpcBlock);
}

async function listBlocks(
  context: Context,
  call: Call,
  { before, limit }: { before?: number | undefined; limit: number },
) {
  const { height } = await asking(context.chain.getStatus({}, { call }));
  const newest = Math.min(before === undefined ? height : before - 1, height);
  const count = Math.max(0, Math.min(limit, newest + 1));
  const requests = Array.from({ length: count }, (_, at) => ({
    method: 'eth_getBlockByNumber',
    params: [toQuantity(newest - at), false],
  }));
  const answers = await context.rpc.askAll(call, requests);
  // Where bodies are pruned the list ends.
  const end = answers.findIndex((each) => each === null || each instanceof RpcRefusal);
  const found = (end < 0 ? answers : answers.slice(0, end)) as RpcBlock[];
  const oldest = newest - found.length + 1;
  return {
    blocks: found.map(toBlockSummary),
    next: end < 0 && found.length > 0 && oldest > 0 ? oldest : null,
  };
}

interface ReadBlock {
  readonly height: number;
  readonly header: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Null where it is no block. */
function decodeBlock(bytes: Uint8Array): ReadBlock | null {
  try {
    const item = decodeRlp(bytes, 'block');
    const [first] = item instanceof Uint8Array ? [] : (item as readonly RlpItem[]);
    if (first === undefined) return null;
    const header = encodeRlp(first);
    return { height: Number(decodeHeader(header).number), header, bytes };
  } catch (error) {
    if (error instanceof EthProofError) return null;
    throw error;
  }
}

async function faultOf(
  context: Context,
  call: Call,
  { height, header, bytes }: ReadBlock,
): Promise<Fault | null> {
  const unknown = {
    code: 'not_in_chain',
    message: `The chain has no block ${height}, or not any more.`,
  } as const;
  if (!Number.isSafeInteger(height)) return unknown;
  try {
    const kept = await context.ledger.getBlock({ params: { height } }, { call });
    const own = decodeKeptBlock(kept).block;
    if (equalBytes(own, bytes)) return null;
    const isHeader = equalBytes(decodeBlock(own)?.header ?? own, header);
    return isHeader
      ? { code: 'body_differs', message: 'The header is the chain’s, what follows it is not.' }
      : { code: 'header_differs', message: `The chain has another block ${height}.` };
  } catch (error) {
    if (isProblem(error, 'not_in_chain', 'block_pruned')) return unknown;
    throw error;
  }
}

async function validateBlock(context: Context, call: Call, bytes: Uint8Array): Promise<Verdict> {
  const block = decodeBlock(bytes);
  if (block === null) {
    const fault: Fault = { code: 'malformed', message: 'It is not the RLP of a block.' };
    return { valid: false, height: null, blockHash: null, faults: [fault] };
  }
  const fault = await asking(faultOf(context, call, block));
  return {
    valid: fault === null,
    height: Number.isSafeInteger(block.height) ? block.height : null,
    blockHash: `0x${bytesToHex(blockHash(block.header))}`,
    faults: fault === null ? [] : [fault],
  };
}

export const blockHandlers: Pick<Handlers<typeof blockchainApiContract, Context>, BlockOperation> = {
  listBlocks: ({ query }, call, context) => listBlocks(context, call, query),
  getLatestBlock: (_input, call, context) => readBlock(context, call, 'eth_getBlockByNumber', 'latest'),
  getBlockByHeight: ({ params }, call, context) =>
    readBlock(context, call, 'eth_getBlockByNumber', toQuantity(params.height)),
  getBlock: ({ params }, call, context) => readBlock(context, call, 'eth_getBlockByHash', params.blockHash),
  validateBlock: ({ body }, call, context) => validateBlock(context, call, hexToBytes(body.block.slice(2))),
};
