import { Type } from 'typebox';
import { Address, BlockHead, Hash32 } from './chain-schemas.ts';
import { defineContract, octets } from './contract.ts';
import { Count } from './schemas.ts';

export const onSystemChainContract = defineContract({
  service: 'on-system-chain',
  version: '0.9.0',
  summary:
    'The chain’s node: mempool, block production, JSON-RPC. Clients of Ethereum speak to the root of its address, over HTTP and WebSocket.',
  basePath: '/api/v1',
  errors: {
    block_out_of_order: { status: 409, title: 'The block is not the next one of this chain.' },
    block_invalid: { status: 422, title: 'The block breaks a rule of the chain; the detail names it.' },
    chain_produces: {
      status: 409,
      title: 'This node makes blocks itself; one that does not (CHAIN_PRODUCE=off) takes those of others.',
    },
    chain_unavailable: {
      status: 503,
      title: 'The chain cannot go on now; what is missing stands in /ready.',
    },
  },
  operations: {
    rpc: {
      method: 'POST',
      path: '/rpc',
      summary: 'JSON-RPC 2.0, one request or a batch, as at the root of the address.',
      callers: ['public'],
      body: Type.Unknown(),
      response: Type.Unknown(),
      idempotent: false,
      deadlineMs: 30_000,
    },
    getStatus: {
      method: 'GET',
      path: '/status',
      summary: 'Head, mempool and producer.',
      callers: ['public'],
      response: Type.Object({
        ...BlockHead.properties,
        chainId: Count,
        network: Type.String(),
        timestampSec: Count,
        pendingTransactions: Count,
        queuedTransactions: Count,
        producer: Type.Union([Address, Type.Null()]),
      }),
      errors: ['chain_unavailable'],
    },
    importBlock: {
      method: 'PUT',
      path: '/blocks/:height',
      summary:
        'Takes a block (RLP) that was made elsewhere as the next one, after executing it; repeating is safe.',
      callers: ['operator'],
      params: Type.Object({ height: Count }),
      body: octets({ maxBytes: 16 * 1024 * 1024 }),
      response: Type.Object({ height: Count, blockHash: Hash32, transactions: Count }),
      errors: ['block_out_of_order', 'block_invalid', 'chain_produces', 'chain_unavailable'],
      deadlineMs: 120_000,
    },
    exportBlock: {
      method: 'GET',
      path: '/blocks/:height',
      summary: 'A block as RLP.',
      callers: ['public'],
      params: Type.Object({ height: Count }),
      response: octets({ maxBytes: 16 * 1024 * 1024 }),
      errors: ['block_out_of_order', 'chain_unavailable'],
    },
  },
});
