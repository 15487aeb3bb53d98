import { Type } from 'typebox';
import { Address, BlockHead, Hash32 } from './chain-schemas.ts';
import { defineContract, octets } from './contract.ts';
import { Count, Hash } from './schemas.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);
const Entity = Type.String({ description: 'node:ID or pool:ID' });

/** Who makes the blocks of a slot. */
export const ProducerTurns = Type.Object({
  /** One producer always, or leaders by their work (`libs/work-credits`). */
  mode: Type.Union([Type.Literal('single'), Type.Literal('leaders')]),
  slot: Count,
  epoch: Count,
  /** Null where nobody may lead: the server publishes. In mode `single` always. */
  leader: orNull(Entity),
  fallbacks: Type.Array(Entity),
  /** Who may make the slot's first block, each until the next one's turn begins; those behind it are made by the same one. */
  turns: Type.Array(
    Type.Object({
      /** Null: the server, or the one producer. */
      entity: orNull(Entity),
      address: Address,
      /** Unix milliseconds. */
      from: Count,
    }),
  ),
  /** In mode `single` none. */
  producers: Type.Array(
    Type.Object({
      entity: Entity,
      address: Address,
      /** Of the window before the epoch, decimal. */
      credits: Type.String(),
      /** By which they are ranked: credits × seconds of uptime, lowered by missed slots; decimal. */
      score: Type.String(),
      eligible: Type.Boolean(),
      rank: orNull(Count),
      missedSlots: Count,
      /** The first slot in which it may be chosen again; null where it does not rest. */
      restsUntilSlot: orNull(Count),
    }),
  ),
  /** SHA-256 of the file of producers: nodes that say the same have the same schedule. */
  fileSha256: orNull(Hash),
});

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
    getProducers: {
      method: 'GET',
      path: '/producers',
      summary: 'Who may make blocks in the slot of now, and how producers stand.',
      callers: ['public'],
      response: ProducerTurns,
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
