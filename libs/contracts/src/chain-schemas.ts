/** Shapes of the chain, in the encodings of Ethereum's JSON-RPC (execution-apis, base types) unless said. */
import { Type } from 'typebox';
import { Count } from './schemas.ts';

export const Hash32 = Type.String({
  pattern: '^0x[0-9a-f]{64}$',
  description: '32 bytes, 0x and lower-case hex',
});
export const Address = Type.String({
  pattern: '^0x[0-9a-f]{40}$',
  description: '20 bytes, 0x and lower-case hex',
});
export const Quantity = Type.String({
  pattern: '^0x(0|[1-9a-f][0-9a-f]{0,63})$',
  description: 'whole number, 0x and hex without leading zeros',
});
export const Data = Type.String({
  pattern: '^0x([0-9a-f]{2})*$',
  maxLength: 2 + 2 * 1_048_576,
  description: 'bytes, 0x and lower-case hex',
});

export const HeightParams = Type.Object({ height: Count });

/** At which block's state; the newest committed one where absent. */
export const AtBlock = Type.Object({ block: Type.Optional(Count) }, { additionalProperties: false });

export const BlockHead = Type.Object({ height: Count, blockHash: Hash32, stateRoot: Hash32 });

/** What `eth_call` and its kin take (execution-apis, GenericTransaction); fees and signature are not asked for. */
export const CallTransaction = Type.Object(
  {
    from: Type.Optional(Address),
    to: Type.Optional(Address),
    gas: Type.Optional(Quantity),
    gasPrice: Type.Optional(Quantity),
    maxFeePerGas: Type.Optional(Quantity),
    maxPriorityFeePerGas: Type.Optional(Quantity),
    value: Type.Optional(Quantity),
    nonce: Type.Optional(Quantity),
    input: Type.Optional(Data),
    accessList: Type.Optional(
      Type.Array(
        Type.Object(
          { address: Address, storageKeys: Type.Array(Hash32, { maxItems: 10_000 }) },
          { additionalProperties: false },
        ),
        { maxItems: 10_000 },
      ),
    ),
  },
  { additionalProperties: false },
);

/** What an account shall be for one call. */
export const AccountOverride = Type.Object(
  {
    balance: Type.Optional(Quantity),
    nonce: Type.Optional(Quantity),
    code: Type.Optional(Data),
    state: Type.Optional(Type.Record(Hash32, Hash32)),
    stateDiff: Type.Optional(Type.Record(Hash32, Hash32)),
  },
  { additionalProperties: false },
);

/** Accounts by their address (geth's state override set). */
export const StateOverrides = Type.Record(Address, AccountOverride, { maxProperties: 1000 });

/** Fields of the block that one call shall see instead of the block's own. */
export const BlockOverrides = Type.Object(
  {
    number: Type.Optional(Quantity),
    time: Type.Optional(Quantity),
    gasLimit: Type.Optional(Quantity),
    feeRecipient: Type.Optional(Address),
    prevRandao: Type.Optional(Hash32),
    baseFeePerGas: Type.Optional(Quantity),
  },
  { additionalProperties: false },
);

export const CallRequest = Type.Object(
  {
    transaction: CallTransaction,
    block: Type.Optional(Count),
    stateOverrides: Type.Optional(StateOverrides),
    blockOverrides: Type.Optional(BlockOverrides),
  },
  { additionalProperties: false },
);

/** Why an execution gave no result: what it answered, and what JSON-RPC tells of it. */
export const ExecutionFailure = Type.Object({
  reason: Type.Union([Type.Literal('reverted'), Type.Literal('failed'), Type.Literal('refused')]),
  /** As geth words it: `execution reverted: …`, `out of gas`, `insufficient funds for gas * price + value`. */
  message: Type.String(),
  /** What the contract handed back when it reverted. */
  data: Type.Optional(Data),
});

const ForkConfig = Type.Object({
  /** In seconds; 0 where the chain begins with it. */
  activationTime: Count,
  blobSchedule: Type.Union([
    Type.Object({ target: Count, max: Count, baseFeeUpdateFraction: Count }),
    Type.Null(),
  ]),
  chainId: Count,
  /** EIP-2124. */
  forkId: Type.String({ pattern: '^0x[0-9a-f]{8}$' }),
  precompiles: Type.Record(Type.String(), Address),
  systemContracts: Type.Record(Type.String(), Address),
});

/** EIP-7910: null before Shanghai, and where nothing more is planned. */
export const ForkSchedule = Type.Object({
  current: Type.Union([ForkConfig, Type.Null()]),
  next: Type.Union([ForkConfig, Type.Null()]),
  last: Type.Union([ForkConfig, Type.Null()]),
});

export const StorageProof = Type.Object({ key: Quantity, value: Quantity, proof: Type.Array(Data) });

/** `eth_getProof` (EIP-1186). */
export const AccountProof = Type.Object({
  address: Address,
  balance: Quantity,
  nonce: Quantity,
  codeHash: Hash32,
  storageHash: Hash32,
  accountProof: Type.Array(Data),
  storageProof: Type.Array(StorageProof),
});

/** What a check found wrong. Empty lists are sound. */
export const ChainFault = Type.Object({
  what: Type.String({
    description: 'the damaged thing: header, body, receipts, index, log entry, state node, code',
  }),
  where: Type.String({ description: 'its height, hash or key' }),
  account: Type.Optional(Hash32),
  expected: Type.Optional(Type.String()),
  found: Type.Optional(Type.String()),
  height: Type.Optional(Count),
});
