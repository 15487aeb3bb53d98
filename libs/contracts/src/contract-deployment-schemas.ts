/** Shapes of deploying contracts and of calling what was deployed. */
import { Type } from 'typebox';
import { Address, Data, Hash32, Quantity } from './chain-schemas.ts';
import { Count, Hash } from './schemas.ts';

/** Bounds of one transaction. The chain's own: docs/chain.md; of code: EIP-170 and EIP-3860. */
export const deploymentLimits = {
  runtimeBytes: 24_576,
  creationBytes: 49_152,
  transactionBytes: 102_400,
  transactionGas: 8_000_000,
  reservedNonces: 64,
  simulatedSteps: 64,
} as const;

/** Names a deployment, transaction or reservation for ever: repeating it with the same values is the same one. */
export const CallerId = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$',
  description: 'identifier of the caller’s own choice',
});

/** `source:Library`, as the compiler names it, and where that library stands. */
const LibraryName = Type.String({ pattern: '^[^:]{1,206}:[A-Za-z_$][A-Za-z0-9_$]{0,127}$' });

const ContractName = Type.String({ pattern: '^[A-Za-z_$][A-Za-z0-9_$]{0,127}$' });

/** A contract out of an artifact of contract-compiler. `library` is the schema of a library's address. */
const compiledContract = <T extends typeof Address>(library: T) =>
  Type.Object(
    {
      artifactId: Hash,
      /** May be absent where the artifact has one contract of the name. */
      source: Type.Optional(Type.String({ minLength: 1, maxLength: 206 })),
      name: ContractName,
      libraries: Type.Optional(Type.Record(LibraryName, library, { maxProperties: 64 })),
    },
    { additionalProperties: false },
  );

/** One of the contracts of Lucid itself, by name. */
const HouseContract = Type.Object({ house: ContractName }, { additionalProperties: false });

export const ContractReference = Type.Union([HouseContract, compiledContract(Address)]);

/** As ContractReference; addresses of libraries may be references to steps. */
export const PlannedContract = Type.Union([
  HouseContract,
  compiledContract(Type.String({ minLength: 1, maxLength: 256 })),
]);

/**
 * By the ABI: whole numbers as JSON numbers or, in decimal or 0x digits, as text; bytes and addresses as 0x and digits; lists as
 * arrays; tuples as objects by name or as arrays.
 */
export const Arguments = Type.Array(Type.Unknown(), { maxItems: 64 });

/** Name, or signature where the name is overloaded: `grantRole(bytes32,address)`. */
export const FunctionName = Type.String({
  pattern: '^[A-Za-z_$][A-Za-z0-9_$]{0,127}(\\([A-Za-z0-9_$,()\\[\\]]{0,512}\\))?$',
});

export const creation = {
  contract: ContractReference,
  args: Type.Optional(Arguments),
  valueWei: Type.Optional(Quantity),
  /** Gas limit; estimated, and a quarter more, where absent. */
  gas: Type.Optional(Quantity),
};

export const contractCall = {
  contract: ContractReference,
  to: Address,
  function: FunctionName,
  args: Type.Optional(Arguments),
};

export const payment = { valueWei: creation.valueWei, gas: creation.gas };

/** Where in the account's order a transaction must stand. */
export const order = {
  /** It gets this nonce or none: `nonce_taken`. */
  nonce: Type.Optional(Count),
  /** Of the reservation whose nonces it may use. */
  reservationId: Type.Optional(CallerId),
};

/** Why something did not come about, in the codes of the contract. */
export const Failure = Type.Object({ code: Type.String(), detail: Type.String() });

/** What a contract is made of. */
export const ContractIdentity = Type.Object({
  origin: Type.Union([Type.Literal('house'), Type.Literal('compiled')]),
  name: Type.String(),
  source: Type.String(),
  artifactId: Type.Optional(Hash),
  compiler: Type.String(),
  /** SHA-256 of lines `SHA-256 path` of all sources, sorted by path. */
  sourceHash: Hash,
  /** SHA-256 of the ABI as canonical JSON (RFC 8785). */
  abiHash: Hash,
  /** Keccak-256 of the creation code, linked, without arguments. */
  creationHash: Hash32,
});

export const ContractDescription = Type.Object({
  ...ContractIdentity.properties,
  abi: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  creationBytes: Count,
  runtimeBytes: Count,
  /** Bytes of the runtime code that the constructor fills in. */
  immutableBytes: Count,
});

/**
 * Code at an address against what the compiler gives.
 *
 *     match      equal, but for immutable values and a library's own address
 *     code-only  equal, but for the metadata that the compiler appends: comments, names of sources and settings may differ
 *     differs    at byte `differsAt` for the first time
 *     no-code    there is none
 */
export const CodeVerification = Type.Object({
  verdict: Type.Union([
    Type.Literal('match'),
    Type.Literal('code-only'),
    Type.Literal('differs'),
    Type.Literal('no-code'),
  ]),
  address: Address,
  /** Keccak-256 of the code at the address. */
  codeHash: Hash32,
  expectedBytes: Count,
  foundBytes: Count,
  differsAt: Type.Optional(Count),
  /** What the constructor filled in; not judged. */
  immutables: Type.Array(Type.Object({ start: Count, length: Count, value: Data })),
  /** Newest block at that time. */
  blockHeight: Count,
});

/**
 *     pending    written down; has no nonce yet, as `failure` says why
 *     submitted  signed, with a nonce: the address is settled
 *     confirmed  in a final block; of a deployment, and its code is what the compiler gives
 *     failed     will never come about, or the code is another, as `failure` says
 */
export const TransactionStatus = Type.Union([
  Type.Literal('pending'),
  Type.Literal('submitted'),
  Type.Literal('confirmed'),
  Type.Literal('failed'),
]);

const transactionPlace = {
  status: TransactionStatus,
  chainId: Count,
  from: Address,
  nonce: Type.Optional(Count),
  transactionHash: Type.Optional(Hash32),
  blockHeight: Type.Optional(Count),
  blockHash: Type.Optional(Hash32),
  gasUsed: Type.Optional(Quantity),
  failure: Type.Optional(Failure),
  requestedAtMs: Count,
  endedAtMs: Type.Optional(Count),
};

export const Deployment = Type.Object({
  deploymentId: CallerId,
  ...transactionPlace,
  contract: ContractIdentity,
  /** Known as soon as there is a nonce; there is code once `confirmed`. */
  address: Type.Optional(Address),
  /** As they were given, whole numbers in decimal. */
  constructorArguments: Arguments,
  constructorData: Data,
  valueWei: Quantity,
  /** Of the last time; `verify` makes it anew. */
  verification: Type.Optional(CodeVerification),
});

export const DecodedEvent = Type.Object({
  name: Type.String(),
  args: Type.Record(Type.String(), Type.Unknown()),
});

export const ContractTransaction = Type.Object({
  transactionId: CallerId,
  ...transactionPlace,
  to: Address,
  contractName: Type.String(),
  /** Signature. */
  function: Type.String(),
  args: Arguments,
  valueWei: Quantity,
  /** Of the contract that was called, once `confirmed`. */
  events: Type.Optional(Type.Array(DecodedEvent)),
});

export const Reservation = Type.Object({
  reservationId: CallerId,
  account: Address,
  firstNonce: Count,
  count: Count,
  /** What a creation with each of the nonces makes. */
  addresses: Type.Array(Address),
  expiresAtMs: Count,
});

export const SimulatedStep = Type.Union([
  Type.Object({ kind: Type.Literal('create'), ...creation }, { additionalProperties: false }),
  Type.Object(
    { kind: Type.Literal('transact'), ...contractCall, ...payment },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal('read'), ...contractCall }, { additionalProperties: false }),
]);

export const SimulatedOutcome = Type.Object({
  ok: Type.Boolean(),
  /** Of the whole transaction, estimated; absent for reads. */
  gas: Type.Optional(Quantity),
  /** Of a creation. */
  address: Type.Optional(Address),
  /** Of a read. */
  values: Type.Optional(Type.Array(Type.Unknown())),
  failure: Type.Optional(Failure),
});

export const Simulation = Type.Object({
  account: Address,
  blockHeight: Count,
  firstNonce: Count,
  /** Up to the first that fails; what is behind it is not tried. */
  steps: Type.Array(SimulatedOutcome),
  gas: Quantity,
  /** What one gas would cost now at most. */
  gasPriceWei: Quantity,
  costWei: Quantity,
  balanceWei: Quantity,
});
