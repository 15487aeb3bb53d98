/** The application's surface: what changes the state goes to the machine, what reads it to views of it. */
import { createAccessList } from './access-list.ts';
import type {
  AccessListResult,
  AccountProof,
  AccountState,
  BlockHead,
  BlockProposal,
  CallRequest,
  CallResult,
  ChainApplication,
  ChainInfo,
  CheckTransactionOptions,
  CheckTransactionResult,
  ExecutedBlock,
  ForkSchedule,
  GasEstimate,
  IntegrityReport,
  PruneReport,
  SimulationRequest,
  SimulationResult,
  SnapshotManifest,
  StateAt,
  Trace,
  TraceOptions,
} from './application.ts';
import { call } from './call.ts';
import type { CallMachine } from './call-machine.ts';
import { type PreparedCall, prepareCall } from './call-request.ts';
import type { ChainMachine } from './chain-machine.ts';
import { ChainError } from './error.ts';
import { estimateGas } from './estimate-gas.ts';
import { describeForks } from './fork-schedule.ts';
import { checkIntegrity } from './integrity.ts';
import { simulate } from './simulate.ts';
import { createSnapshot, dropSnapshot, listSnapshots, readSnapshotChunk } from './snapshot.ts';
import { type TraceLimits, traceBlockTransactions, traceCall } from './trace.ts';
import { bytesToHex, bytesToKey, type Hex, hexToBytes } from './values.ts';
import { readBlock, StateReader, type StateView } from './view.ts';

interface TracedTransaction {
  readonly txHash: Hex;
  readonly result: Trace;
}

export class Application implements ChainApplication {
  readonly #machine: ChainMachine;
  readonly #reader: StateReader;

  constructor(machine: ChainMachine) {
    this.#machine = machine;
    this.#reader = new StateReader(machine.parts.nodeStore);
  }

  info(): ChainInfo {
    return this.#machine.info();
  }

  forks(): Promise<ForkSchedule> {
    const { genesis, genesisBlock, config } = this.#machine.parts;
    const { head, calls } = this.#machine;
    const rootKey = bytesToKey(hexToBytes(head.stateRoot));
    return describeForks(
      {
        ...{ genesis, config, genesisHash: genesisBlock.hash() },
        precompilesOf: (fork) => calls.use(fork, rootKey, async ({ evm }) => evm.precompiles.keys()),
      },
      head.timestampSec,
    );
  }

  async genesisBlock(): Promise<ExecutedBlock> {
    const { genesisBlock: block } = this.#machine.parts;
    const { header } = block;
    return {
      height: 0,
      blockHash: bytesToHex(header.hash()),
      stateRoot: bytesToHex(header.stateRoot),
      timestampSec: Number(header.timestamp),
      blockRlp: block.serialize(),
      headerRlp: header.serialize(),
      parentHash: bytesToHex(header.parentHash),
      gasUsed: header.gasUsed,
      baseFeePerGas: header.baseFeePerGas,
      receiptsRoot: bytesToHex(header.receiptTrie),
      transactionsRoot: bytesToHex(header.transactionsTrie),
      logsBloom: header.logsBloom,
      results: [],
      leftOut: [],
    };
  }

  checkTransaction(raw: Uint8Array, options?: CheckTransactionOptions): Promise<CheckTransactionResult> {
    return this.#machine.check(raw, options);
  }

  finalizeBlock(proposal: BlockProposal): Promise<ExecutedBlock> {
    return this.#machine.finalizeBlock(proposal);
  }

  importBlock(
    blockRlp: Uint8Array,
    options: { senders?: readonly (Hex | undefined)[] } = {},
  ): Promise<ExecutedBlock> {
    return this.#machine.importBlock(blockRlp, options.senders);
  }

  commit(blockHash?: Hex): Promise<BlockHead> {
    return this.#machine.commit(blockHash);
  }

  abandon(): Promise<void> {
    return this.#machine.abandon();
  }

  headerRlp(height: number): Promise<Uint8Array | null> {
    return this.#machine.parts.chainStore.headerRlp(height);
  }

  blockRlp(height: number): Promise<Uint8Array | null> {
    return this.#machine.parts.chainStore.blockRlp(height);
  }

  async account(address: Hex, at?: StateAt): Promise<AccountState> {
    return this.#reader.account(await this.#machine.view(at), address);
  }

  async code(address: Hex, at?: StateAt): Promise<Uint8Array> {
    return this.#reader.code(await this.#machine.view(at), address);
  }

  async storage(address: Hex, slot: bigint, at?: StateAt): Promise<Hex> {
    return this.#reader.storage(await this.#machine.view(at), address, slot);
  }

  async proof(address: Hex, slots: readonly bigint[], at?: StateAt): Promise<AccountProof> {
    return this.#reader.proof(await this.#machine.view(at), address, slots);
  }

  async #tryOut<T>(
    request: CallRequest,
    work: (machine: CallMachine, prepared: PreparedCall, view: StateView) => Promise<T>,
  ): Promise<T> {
    const view = await this.#machine.view(request);
    const prepared = prepareCall(view, request, this.#machine.parts.callGasCap);
    const fork = view.block.header.common.hardfork();
    return this.#machine.calls.use(fork, view.rootKey, (machine) => work(machine, prepared, view));
  }

  call(request: CallRequest): Promise<CallResult> {
    return this.#tryOut(request, (machine, prepared) => call(machine, prepared, request));
  }

  estimateGas(request: CallRequest): Promise<GasEstimate> {
    const { callGasCap } = this.#machine.parts;
    return this.#tryOut(request, (machine, prepared) => estimateGas(machine, prepared, request, callGasCap));
  }

  createAccessList(request: CallRequest): Promise<AccessListResult> {
    return this.#tryOut(request, (machine, prepared) => createAccessList(machine, prepared, request));
  }

  async simulate(request: SimulationRequest): Promise<SimulationResult> {
    const { config, nodeStore, callGasCap, callStepLimit, yieldTurn } = this.#machine.parts;
    const view = await this.#machine.view(request);
    return simulate(
      {
        ...{ config, store: nodeStore, yieldTurn },
        hashAt: (height) => this.#machine.hashAt(height),
        ...{ gasCap: callGasCap, stepLimit: callStepLimit },
      },
      request,
      view,
    );
  }

  get #traceLimits(): TraceLimits {
    return { steps: this.#machine.parts.traceStepLimit };
  }

  traceCall(request: CallRequest, options: TraceOptions = {}): Promise<Trace> {
    return this.#tryOut(request, (machine, prepared) =>
      traceCall(machine, prepared, request, options, this.#traceLimits),
    );
  }

  async #traceBlock(height: number, options: TraceOptions, only?: number): Promise<TracedTransaction[]> {
    const block = await readBlock(this.#machine.viewSource, height);
    if (block === null || height > this.#machine.head.height)
      throw new ChainError('block_unknown', `block ${height}`);
    const range =
      only === undefined ? { first: 0, last: Number.POSITIVE_INFINITY } : { first: only, last: only };
    if (height === 0 || block.transactions.length === 0) return [];
    const parent = await this.#machine.view({ height: height - 1 });
    const traces = await this.#machine.calls.use(block.common.hardfork(), parent.rootKey, (machine) =>
      traceBlockTransactions(machine, block, range, options, this.#traceLimits),
    );
    return traces.map((result, index) => ({
      txHash: bytesToHex(block.transactions[(only ?? 0) + index]!.hash()),
      result,
    }));
  }

  async traceTransaction(hash: Hex, options: TraceOptions = {}): Promise<Trace> {
    const place = await this.#machine.parts.chainStore.locate(hash.toLowerCase() as Hex);
    if (place === null) throw new ChainError('transaction_unknown', hash);
    const [traced] = await this.#traceBlock(place.height, options, place.index);
    if (traced?.txHash !== hash.toLowerCase())
      throw new ChainError('state_damaged', `the place of transaction ${hash} is wrong`);
    return traced.result;
  }

  traceBlock(height: number, options: TraceOptions = {}): Promise<TracedTransaction[]> {
    return this.#traceBlock(height, options);
  }

  createSnapshot(): Promise<SnapshotManifest> {
    return this.#upkeep(async () =>
      createSnapshot(
        this.#machine.parts.chainStore,
        await this.#machine.view(),
        this.#machine.parts.yieldTurn,
      ),
    );
  }

  listSnapshots(): Promise<readonly SnapshotManifest[]> {
    return listSnapshots(this.#machine.parts.chainStore);
  }

  snapshotChunk(height: number, index: number): Promise<Uint8Array> {
    return readSnapshotChunk(this.#machine.parts.chainStore, height, index);
  }

  dropSnapshot(height: number): Promise<void> {
    return dropSnapshot(this.#machine.parts.chainStore, height);
  }

  prune(options: { keepBlocks: number }): Promise<PruneReport> {
    return this.#upkeep(() => this.#machine.prune(options.keepBlocks));
  }

  async checkIntegrity(at?: StateAt): Promise<IntegrityReport> {
    const view = await this.#machine.view(at);
    const { chainStore, yieldTurn } = this.#machine.parts;
    return this.#upkeep(() =>
      checkIntegrity({ store: chainStore, view, oldest: this.#machine.oldestState, yieldTurn }),
    );
  }

  /** Snapshots, pruning and checks come one after the other: none may pull the state from under another. */
  #upkeep<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#upkeepTurn.then(work);
    this.#upkeepTurn = turn.catch(() => undefined);
    return turn;
  }

  #upkeepTurn: Promise<unknown> = Promise.resolve();

  async close(): Promise<void> {
    await this.#upkeepTurn;
    await this.#machine.close();
  }
}
