/** Shapes of the readable chain: heights, gas and nonces are decimal numbers, wei are decimal text, times ISO 8601 in UTC. */
import { Type } from 'typebox';
import { Address, Data, Hash32 } from './chain-schemas.ts';
import { Count, Hash, SessionId } from './schemas.ts';

const Wei = Type.String({ pattern: '^(0|[1-9][0-9]{0,77})$', description: 'wei, decimal' });
const Time = Type.String({ description: 'ISO 8601, UTC' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

export const ChainPoint = Type.Object({ height: Count, blockHash: Hash32, time: Time });

export const ChainInfo = Type.Object({
  ...ChainPoint.properties,
  network: Type.String(),
  chainId: Count,
  genesisHash: Hash32,
  /** In all blocks. */
  transactions: Count,
  /** Oldest block whose transactions are kept. */
  oldestBlock: Count,
  contracts: Type.Object({ lucidAnchors: Address, lucidChunkStore: Address }),
});

export const ChainState = Type.Object({
  ...ChainPoint.properties,
  pendingTransactions: Count,
  /** Those that wait for one before them. */
  queuedTransactions: Count,
  producer: orNull(Address),
});

export const NetworkInfo = Type.Object({
  name: Type.String(),
  chainId: Count,
  peers: Count,
  baseFeeWei: Wei,
  /** What a transaction pays for one gas to be in the next block. */
  gasPriceWei: Wei,
});

export const BlockSummary = Type.Object({
  ...ChainPoint.properties,
  parentHash: Hash32,
  producer: Address,
  transactionCount: Count,
  gasUsed: Count,
  gasLimit: Count,
  baseFeeWei: orNull(Wei),
  sizeBytes: Count,
});

export const ReadableBlock = Type.Object({
  ...BlockSummary.properties,
  stateRoot: Hash32,
  transactionsRoot: Hash32,
  receiptsRoot: Hash32,
  transactions: Type.Array(Hash32),
});

export const WaitingTransaction = Type.Object({
  transactionHash: Hash32,
  type: Count,
  from: Address,
  /** Null where it makes a contract. */
  to: orNull(Address),
  nonce: Count,
  valueWei: Wei,
  gasLimit: Count,
  gasPriceWei: Wei,
  data: Data,
});

export const ReadableTransaction = Type.Object({
  ...WaitingTransaction.properties,
  status: Type.Union([Type.Literal('pending'), Type.Literal('succeeded'), Type.Literal('failed')]),
  /** Where it is; absent while it waits. */
  block: Type.Optional(
    Type.Object({
      ...ChainPoint.properties,
      index: Count,
      gasUsed: Count,
      feeWei: Wei,
      contractAddress: orNull(Address),
      events: Count,
    }),
  ),
});

export const BlockVerdict = Type.Object({
  /** It is, byte by byte, the block of this chain at its height. */
  valid: Type.Boolean(),
  height: orNull(Count),
  blockHash: orNull(Hash32),
  faults: Type.Array(
    Type.Object({
      code: Type.Union([
        Type.Literal('malformed'),
        Type.Literal('not_in_chain'),
        Type.Literal('header_differs'),
        Type.Literal('body_differs'),
      ]),
      message: Type.String(),
    }),
  ),
});

export const AnchoringClaim = Type.Object(
  {
    sessionId: SessionId,
    manifestHash: Type.Optional(Hash),
    startedAt: Type.Optional(Count),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
    merkleRoot: Type.Optional(Hash),
    chunkCount: Type.Optional(Type.Integer({ minimum: 0, maximum: 0xffff_ffff })),
    batch: Type.Optional(
      Type.Object(
        {
          root: Hash,
          index: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
          path: Type.Array(Hash, { maxItems: 32 }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export const Balance = Type.Object({ address: Address, balanceWei: Wei, nonce: Count, height: Count });

export const ConsensusStatus = Type.Object({
  /** One producer, whose block is final as soon as it is there; or several that take turns by a schedule (`GET /producers` of the node). */
  mechanism: Type.Union([Type.Literal('single-producer'), Type.Literal('leader-schedule')]),
  /** This node's, where it makes blocks. */
  producer: orNull(Address),
  height: Count,
  /** Null where producers take turns: a schedule alone settles nothing between nodes that do not have each other's blocks. */
  confirmationsToFinal: orNull(Count),
});
