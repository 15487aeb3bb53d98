/** The application's surface: what changes the state goes to the machine, what reads it to views of it. */
import type {
  AccountProof,
  AccountState,
  BlockHead,
  BlockProposal,
  CallRequest,
  CallResult,
  ChainInfo,
  CheckTransactionOptions,
  CheckTransactionResult,
  ExecutedBlock,
  GasEstimate,
  StateAt,
} from './application.ts';
import { call } from './call.ts';
import type { CallMachine } from './call-machine.ts';
import { type PreparedCall, prepareCall } from './call-request.ts';
import type { ChainMachine } from './chain-machine.ts';
import { estimateGas } from './estimate-gas.ts';
import { bytesToHex, type Hex } from './values.ts';
import { StateReader, type StateView } from './view.ts';

export class Application {
  readonly #machine: ChainMachine;
  readonly #reader: StateReader;

  constructor(machine: ChainMachine) {
    this.#machine = machine;
    this.#reader = new StateReader(machine.parts.nodeStore);
  }

  info(): ChainInfo {
    return this.#machine.info();
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

  importBlock(blockRlp: Uint8Array): Promise<ExecutedBlock> {
    return this.#machine.importBlock(blockRlp);
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

  close(): Promise<void> {
    return this.#machine.close();
  }
}
