import { Type } from 'typebox';
import {
  AccountProof,
  Address,
  AtBlock,
  BlockHead,
  CallRequest,
  ChainFault,
  Data,
  ExecutionFailure,
  ForkSchedule,
  Hash32,
  HeightParams,
  Quantity,
} from './chain-schemas.ts';
import { defineContract, octets } from './contract.ts';
import { Count } from './schemas.ts';
import { SimulationRequest, SimulationResult } from './simulation-schemas.ts';

const AddressParams = Type.Object({ address: Address });

/** A block as it was executed: RLP [block, [receipt, …], [sender, …], [[transaction, reason], …]]; reasons are UTF-8 and say what was left out. */
const executedBlock = octets({ maxBytes: 64 * 1024 * 1024 });
const blockBytes = 16 * 1024 * 1024;

const CheckedTransaction = Type.Union([
  Type.Object({
    ok: Type.Literal(true),
    hash: Hash32,
    sender: Address,
    nonce: Quantity,
    gasLimit: Quantity,
    maxFeePerGas: Quantity,
    maxPriorityFeePerGas: Quantity,
    /** Most that it can take from the sender: value and gas. */
    cost: Quantity,
    /** Nonce and balance that the sender has in the committed state. */
    accountNonce: Quantity,
    balance: Quantity,
  }),
  Type.Object({
    ok: Type.Literal(false),
    /** Code of JSON-RPC 2.0 or of execution-apis. */
    code: Type.Integer(),
    message: Type.String(),
  }),
]);

const CallResult = Type.Union([
  Type.Object({ ok: Type.Literal(true), data: Data, gasUsed: Quantity }),
  Type.Object({ ok: Type.Literal(false), failure: ExecutionFailure }),
]);
const GasResult = Type.Union([
  Type.Object({ ok: Type.Literal(true), gas: Quantity }),
  Type.Object({ ok: Type.Literal(false), failure: ExecutionFailure }),
]);

const SnapshotManifest = Type.Object({
  format: Type.Literal('lucid-state-snapshot/1'),
  height: Count,
  blockHash: Hash32,
  stateRoot: Hash32,
  headerRlp: Data,
  sizeBytes: Count,
  /** SHA-256 of each chunk, lower-case hex. */
  chunks: Type.Array(Type.String()),
});

/** Which tracer, as `debug_traceTransaction` takes it. */
const TraceOptions = Type.Object(
  {
    tracer: Type.Optional(Type.Literal('callTracer')),
    onlyTopCall: Type.Optional(Type.Boolean()),
    withLog: Type.Optional(Type.Boolean()),
    enableMemory: Type.Optional(Type.Boolean()),
    disableStack: Type.Optional(Type.Boolean()),
    disableStorage: Type.Optional(Type.Boolean()),
    enableReturnData: Type.Optional(Type.Boolean()),
    limit: Type.Optional(Count),
  },
  { additionalProperties: false },
);

const readErrors = ['state_unknown', 'state_damaged', 'vm_unavailable'] as const;
const readers = ['on-system-chain', 'blockchain-api', 'operator'] as const;

export const blockchainVmContract = defineContract({
  service: 'blockchain-vm',
  version: '0.9.0',
  summary: 'Executes blocks and calls of the chain, and keeps its state.',
  basePath: '/api/v1',
  errors: {
    block_out_of_order: { status: 409, title: 'The block is not the next one after the committed state.' },
    block_invalid: { status: 422, title: 'The block breaks a rule of the chain; the detail names it.' },
    block_not_executed: { status: 409, title: 'No block of this height and hash waits to be committed.' },
    state_unknown: { status: 404, title: 'The state of this block is not kept, or there is no such block.' },
    state_damaged: { status: 500, title: 'The store does not hold what the state root says.' },
    transaction_unknown: { status: 404, title: 'No block holds this transaction.' },
    snapshot_unknown: { status: 404, title: 'There is no such snapshot, or no such chunk of it.' },
    execution_limit: { status: 422, title: 'The execution takes longer than is allowed here.' },
    store_full: { status: 507, title: 'There is no room for the state; free some and try again.' },
    vm_unavailable: { status: 503, title: 'The state cannot be used now, because its store failed.' },
  },
  operations: {
    getStatus: {
      method: 'GET',
      path: '/vm/status',
      summary: 'The committed head, and the block that is executed but not committed.',
      callers: readers,
      response: Type.Object({
        ...BlockHead.properties,
        chainId: Count,
        /** Least wei per gas of a transaction that is taken. */
        minGasPrice: Quantity,
        pending: Type.Union([BlockHead, Type.Null()]),
      }),
      errors: ['vm_unavailable'],
    },
    getForks: {
      method: 'GET',
      path: '/vm/forks',
      summary:
        'Forks of the chain, as `eth_config` tells them (EIP-7910): the present, the next and the last one.',
      callers: readers,
      response: ForkSchedule,
      errors: ['vm_unavailable', 'state_damaged'],
    },
    getGenesis: {
      method: 'GET',
      path: '/vm/genesis',
      summary: 'Block 0 as an executed block.',
      callers: readers,
      response: executedBlock,
      errors: ['vm_unavailable'],
    },
    checkTransactions: {
      method: 'POST',
      path: '/vm/transactions/check',
      summary: 'ABCI CheckTx: RLP [transaction, …]; judges each alone against the committed state.',
      callers: ['on-system-chain'],
      body: octets({ maxBytes: blockBytes }),
      response: Type.Object({ results: Type.Array(CheckedTransaction) }),
      errors: ['vm_unavailable', 'state_damaged'],
      idempotent: true,
    },
    finalizeBlock: {
      method: 'PUT',
      path: '/vm/blocks/:height',
      summary:
        'ABCI FinalizeBlock: RLP [time in seconds, proposer, extra data, [transaction, …]]; executes them as the next block, in memory.',
      callers: ['on-system-chain'],
      params: HeightParams,
      body: octets({ maxBytes: blockBytes }),
      response: executedBlock,
      errors: ['block_out_of_order', 'block_invalid', 'vm_unavailable', 'state_damaged'],
      deadlineMs: 120_000,
    },
    importBlock: {
      method: 'PUT',
      path: '/vm/blocks/:height/import',
      summary: 'Executes a whole block (RLP) that was made before or elsewhere, and holds it to every rule.',
      callers: ['on-system-chain'],
      params: HeightParams,
      body: octets({ maxBytes: blockBytes }),
      response: executedBlock,
      errors: ['block_out_of_order', 'block_invalid', 'vm_unavailable', 'state_damaged'],
      deadlineMs: 120_000,
    },
    commitBlock: {
      method: 'PUT',
      path: '/vm/blocks/:height/commit',
      summary: 'ABCI Commit: makes the executed block durable, in one batch.',
      callers: ['on-system-chain'],
      params: HeightParams,
      body: Type.Object({ blockHash: Hash32 }, { additionalProperties: false }),
      response: BlockHead,
      errors: ['block_not_executed', 'store_full', 'vm_unavailable'],
      deadlineMs: 60_000,
    },
    getAccount: {
      method: 'GET',
      path: '/vm/accounts/:address',
      summary: 'Balance, nonce, code hash and storage root; zeros for an account that does not exist.',
      callers: readers,
      params: AddressParams,
      query: AtBlock,
      response: Type.Object({ balance: Quantity, nonce: Quantity, codeHash: Hash32, storageHash: Hash32 }),
      errors: readErrors,
    },
    getCode: {
      method: 'GET',
      path: '/vm/code/:address',
      summary: 'Runtime code of an account; empty where it has none.',
      callers: readers,
      params: AddressParams,
      query: AtBlock,
      response: Type.Object({ code: Data }),
      errors: readErrors,
    },
    getStorage: {
      method: 'GET',
      path: '/vm/storage/:address',
      summary: 'One slot of an account: 32 bytes.',
      callers: readers,
      params: AddressParams,
      query: Type.Object({ slot: Quantity, ...AtBlock.properties }, { additionalProperties: false }),
      response: Type.Object({ value: Hash32 }),
      errors: readErrors,
    },
    getProof: {
      method: 'POST',
      path: '/vm/proofs/:address',
      summary: 'Proof of an account and of slots of it, up to the state root (EIP-1186).',
      callers: [...readers, 'blockchain-ledger'],
      params: AddressParams,
      body: Type.Object(
        { slots: Type.Array(Quantity, { maxItems: 1024 }), block: Type.Optional(Count) },
        { additionalProperties: false },
      ),
      response: AccountProof,
      errors: readErrors,
      idempotent: true,
    },
    call: {
      method: 'POST',
      path: '/vm/call',
      summary: 'Executes a call on a block’s state and forgets it.',
      callers: readers,
      body: CallRequest,
      response: CallResult,
      errors: [...readErrors, 'execution_limit'],
      idempotent: true,
    },
    estimateGas: {
      method: 'POST',
      path: '/vm/estimate',
      summary: 'Least gas limit with which the call succeeds.',
      callers: readers,
      body: CallRequest,
      response: GasResult,
      errors: [...readErrors, 'execution_limit'],
      idempotent: true,
    },
    createAccessList: {
      method: 'POST',
      path: '/vm/access-list',
      summary: 'Addresses and slots that a call touches (EIP-2930), and its gas with that list.',
      callers: readers,
      body: CallRequest,
      response: Type.Object({
        accessList: Type.Array(Type.Object({ address: Address, storageKeys: Type.Array(Hash32) })),
        gasUsed: Quantity,
        error: Type.Optional(Type.String()),
      }),
      errors: [...readErrors, 'execution_limit'],
      idempotent: true,
    },
    deploy: {
      method: 'POST',
      path: '/vm/deploy',
      summary:
        'Tries a creation out: the address, gas and runtime code it would give. The state stays as it is.',
      callers: [...readers, 'contract-deployment'],
      body: CallRequest,
      response: Type.Union([
        Type.Object({ ok: Type.Literal(true), address: Address, code: Data, gasUsed: Quantity }),
        Type.Object({ ok: Type.Literal(false), failure: ExecutionFailure }),
      ]),
      errors: [...readErrors, 'execution_limit'],
      idempotent: true,
    },
    traceTransaction: {
      method: 'POST',
      path: '/vm/trace/:transaction',
      summary:
        'Executes a transaction of a block again and tells each step, as `debug_traceTransaction` does.',
      callers: readers,
      params: Type.Object({ transaction: Hash32 }),
      body: TraceOptions,
      response: Type.Unknown(),
      errors: [...readErrors, 'transaction_unknown', 'execution_limit'],
      idempotent: true,
      deadlineMs: 60_000,
    },
    traceBlock: {
      method: 'POST',
      path: '/vm/trace/blocks/:height',
      summary: 'The trace of every transaction of a block.',
      callers: readers,
      params: HeightParams,
      body: TraceOptions,
      response: Type.Array(Type.Object({ txHash: Hash32, result: Type.Unknown() })),
      errors: [...readErrors, 'execution_limit'],
      idempotent: true,
      deadlineMs: 60_000,
    },
    traceCall: {
      method: 'POST',
      path: '/vm/trace/call',
      summary: 'Executes a call and tells each step, as `debug_traceCall` does.',
      callers: readers,
      body: Type.Object(
        { ...CallRequest.properties, options: Type.Optional(TraceOptions) },
        { additionalProperties: false },
      ),
      response: Type.Unknown(),
      errors: [...readErrors, 'execution_limit'],
      idempotent: true,
      deadlineMs: 60_000,
    },
    simulate: {
      method: 'POST',
      path: '/vm/simulate',
      summary:
        'Executes blocks of calls one behind the other on a block’s state, as `eth_simulateV1` does, and forgets them.',
      callers: readers,
      body: SimulationRequest,
      response: SimulationResult,
      errors: [...readErrors, 'execution_limit'],
      idempotent: true,
      deadlineMs: 60_000,
    },
    createSnapshot: {
      method: 'POST',
      path: '/vm/snapshots',
      summary: 'ABCI snapshot of the committed state: chunks that restore it elsewhere.',
      callers: ['on-system-chain', 'operator'],
      response: SnapshotManifest,
      errors: ['store_full', 'vm_unavailable', 'state_damaged'],
      idempotent: true,
      deadlineMs: 600_000,
    },
    listSnapshots: {
      method: 'GET',
      path: '/vm/snapshots',
      summary: 'Snapshots that are kept, newest first.',
      callers: ['on-system-chain', 'operator'],
      response: Type.Object({ snapshots: Type.Array(SnapshotManifest) }),
      errors: ['vm_unavailable'],
    },
    getSnapshotChunk: {
      method: 'GET',
      path: '/vm/snapshots/:height/chunks/:chunk',
      summary: 'One chunk of a snapshot.',
      callers: ['on-system-chain', 'operator'],
      params: Type.Object({ height: Count, chunk: Count }),
      response: octets({ maxBytes: 4 * 1024 * 1024 }),
      errors: ['snapshot_unknown', 'vm_unavailable'],
    },
    checkState: {
      method: 'POST',
      path: '/vm/check',
      summary:
        'Walks every state that is kept, from the committed head down, with headers and bodies, and recomputes every hash.',
      callers: ['operator'],
      response: Type.Object({
        stateRoot: Hash32,
        /** Blocks whose states were looked at; what they share counts once below. */
        states: Count,
        nodes: Count,
        accounts: Count,
        faults: Type.Array(ChainFault),
      }),
      errors: ['vm_unavailable'],
      idempotent: true,
      deadlineMs: 900_000,
    },
    pruneState: {
      method: 'POST',
      path: '/vm/prune',
      summary: 'Removes what only states older than the newest `keepBlocks` blocks need.',
      callers: ['operator'],
      body: Type.Object({ keepBlocks: Type.Integer({ minimum: 1 }) }, { additionalProperties: false }),
      response: Type.Object({ removedNodes: Count, oldestHeight: Count }),
      errors: ['vm_unavailable', 'state_damaged'],
      idempotent: true,
      deadlineMs: 900_000,
    },
  },
});
