/** `eth_simulateV1` (execution-apis): blocks that are executed one behind the other, and forgotten. Encodings as in `chain-schemas.ts`. */
import { Type } from 'typebox';
import {
  AccountOverride,
  Address,
  BlockOverrides,
  CallTransaction,
  Hash32,
  Quantity,
} from './chain-schemas.ts';
import { Count } from './schemas.ts';

/** Blocks of a request, and of what they make together with those that fill gaps. */
export const maxSimulatedBlocks = 256;

const SimulatedTransaction = Type.Object(
  {
    ...CallTransaction.properties,
    maxFeePerBlobGas: Type.Optional(Quantity),
    blobVersionedHashes: Type.Optional(Type.Array(Hash32, { maxItems: 64 })),
  },
  { additionalProperties: false },
);

const SimulatedOverrides = Type.Record(
  Address,
  Type.Object(
    {
      ...AccountOverride.properties,
      movePrecompileToAddress: Type.Optional(Address),
    },
    { additionalProperties: false },
  ),
  { maxProperties: 1000 },
);

const SimulatedBlockOverrides = Type.Object(
  {
    ...BlockOverrides.properties,
    blobBaseFee: Type.Optional(Quantity),
    parentBeaconBlockRoot: Type.Optional(Hash32),
    withdrawals: Type.Optional(
      Type.Array(
        Type.Object(
          /** The amount is in gwei. */
          { index: Quantity, validatorIndex: Quantity, address: Address, amount: Quantity },
          { additionalProperties: false },
        ),
        { maxItems: 1000 },
      ),
    ),
  },
  { additionalProperties: false },
);

export const SimulationRequest = Type.Object(
  {
    block: Type.Optional(Count),
    blocks: Type.Array(
      Type.Object(
        {
          blockOverrides: Type.Optional(SimulatedBlockOverrides),
          stateOverrides: Type.Optional(SimulatedOverrides),
          calls: Type.Optional(Type.Array(SimulatedTransaction)),
        },
        { additionalProperties: false },
      ),
      { maxItems: maxSimulatedBlocks },
    ),
    validation: Type.Optional(Type.Boolean()),
    traceTransfers: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

const bytes = Type.String({ pattern: '^0x([0-9a-f]{2})*$', description: 'bytes, 0x and lower-case hex' });

const SimulatedCall = Type.Object({
  status: Type.Union([Type.Literal(0), Type.Literal(1)]),
  returnData: bytes,
  gasUsed: Quantity,
  /** Before refunds. */
  maxUsedGas: Quantity,
  logs: Type.Array(Type.Object({ index: Count, address: Address, topics: Type.Array(Hash32), data: bytes })),
  error: Type.Optional(
    Type.Object({ code: Type.Integer(), message: Type.String(), data: Type.Optional(bytes) }),
  ),
});

export const SimulationResult = Type.Union([
  Type.Object({
    ok: Type.Literal(true),
    blocks: Type.Array(
      Type.Object({
        /** RLP [header, [transaction, …], [], [withdrawal, …]?]; the transactions are not signed. */
        blockRlp: bytes,
        senders: Type.Array(Address),
        calls: Type.Array(SimulatedCall),
      }),
    ),
  }),
  Type.Object({
    ok: Type.Literal(false),
    failure: Type.Object({
      /** Of JSON-RPC: -38010 to -38026, -32602, -32603, -32000. */
      code: Type.Integer(),
      message: Type.String(),
    }),
  }),
]);
