/** geth's callTracer (eth/tracers/native/call.go): the tree of calls of an execution. */

import type { EVM, EVMResult, InterpreterStep, Message } from '@ethereumjs/evm';
import { toQuantity } from '@lucid/chain-wire';
import type { CallFrame, TraceOptions } from './application.ts';
import { ChainError } from './error.ts';
import { wordExecutionError } from './receipt.ts';
import { revertText } from './revert-text.ts';
import type { TracedOutcome } from './struct-logs.ts';
import { type UnmadeCall, unmadeCallOf } from './unmade-call.ts';
import { bytesToHex, type Hex } from './values.ts';

type FrameLog = NonNullable<CallFrame['logs']>[number];
type Frame = { -readonly [Key in keyof CallFrame]: CallFrame[Key] } & {
  calls?: Frame[];
  logs?: FrameLog[];
};

const wordToAddress = (value: bigint): Hex =>
  `0x${(value & ((1n << 160n) - 1n)).toString(16).padStart(40, '0')}`;
const frameLimit = 50_000;

function openFrame(message: Message, type: string): Frame {
  const delegated = type === 'DELEGATECALL' || type === 'CALLCODE';
  const from = type === 'DELEGATECALL' ? message.to! : message.caller;
  const to = delegated ? message.codeAddress : message.to;
  return {
    type,
    from: bytesToHex(from.bytes),
    ...(to === undefined ? {} : { to: bytesToHex(to.bytes) }),
    ...(type === 'STATICCALL' ? {} : { value: toQuantity(message.value) }),
    gas: toQuantity(message.gasLimit),
    gasUsed: '0x0',
    input: bytesToHex(message.data),
  };
}

/** Sets what a frame handed back, or why it failed. */
function closeFrame(frame: Frame, output: Uint8Array, error: string | undefined): void {
  if (error === undefined) {
    if (output.length > 0) frame.output = bytesToHex(output);
    return;
  }
  frame.error = error;
  if (frame.type.startsWith('CREATE')) delete frame.to;
  if (error !== 'execution reverted' || output.length === 0) return;
  frame.output = bytesToHex(output);
  const text = revertText(output);
  if (text !== undefined) frame.revertReason = text;
}

/** Logs of calls that failed, and of all below them, were never made. */
function dropFailedLogs(frame: Frame, failedAbove: boolean): void {
  const failed = failedAbove || frame.error !== undefined;
  if (failed) delete frame.logs;
  for (const each of frame.calls ?? []) dropFailedLogs(each as Frame, failed);
}

export class CallTracer {
  readonly #options: TraceOptions;
  readonly #open: Frame[] = [];
  readonly #logCounts: number[] = [];
  #root: Frame | undefined;
  #lastOpcode = 'CALL';
  /** The last step's call, until it shows whether it was begun. */
  #announced: UnmadeCall | undefined;
  /** The last step's SELFDESTRUCT: done where the frame ends without fault. */
  #death: Frame | undefined;
  #frames = 0;
  #logIndex: number;
  #failure: unknown;

  /** `logsBefore`: logs of the block before this transaction. */
  constructor(options: TraceOptions, logsBefore: number) {
    this.#options = options;
    this.#logIndex = logsBefore;
  }

  attach(evm: EVM): () => void {
    const step = (data: InterpreterStep, resume?: () => void): void => {
      this.#onStep(data).then(resume, (error: unknown) => {
        this.#failure ??= error;
        resume?.();
      });
    };
    const enter = (message: Message): void => this.#onEnter(message);
    const leave = (result: EVMResult): void => this.#onLeave(result);
    evm.events.on('step', step);
    evm.events.on('beforeMessage', enter);
    evm.events.on('afterMessage', leave);
    return () => {
      evm.events.off('step', step);
      evm.events.off('beforeMessage', enter);
      evm.events.off('afterMessage', leave);
    };
  }

  #onEnter(message: Message): void {
    this.#announced = undefined;
    const type = message.depth === 0 ? (message.to === undefined ? 'CREATE' : 'CALL') : this.#lastOpcode;
    const frame = openFrame(message, type);
    this.#frames += 1;
    if (this.#frames > frameLimit)
      this.#failure ??= new ChainError('execution_limit', `a trace tells at most ${frameLimit} calls`);
    this.#open.push(frame);
    this.#logCounts.push(this.#logIndex);
  }

  #onLeave(result: EVMResult): void {
    if (result.execResult.exceptionError === undefined) {
      this.#tellUnmade();
      if (this.#death !== undefined) this.#addBelow(this.#death);
    }
    this.#announced = undefined;
    this.#death = undefined;
    const frame = this.#open.pop()!;
    const logsAtStart = this.#logCounts.pop()!;
    const { executionGasUsed, returnValue } = result.execResult;
    frame.gasUsed = toQuantity(executionGasUsed);
    if (result.createdAddress !== undefined) frame.to = bytesToHex(result.createdAddress.bytes);
    const error = wordExecutionError(result.execResult);
    if (error !== undefined) this.#logIndex = logsAtStart;
    closeFrame(frame, returnValue, error);
    if (this.#open.length === 0) this.#root = frame;
    else this.#addBelow(frame);
  }

  #addBelow(frame: Frame): void {
    const parent = this.#open.at(-1);
    if (parent === undefined || this.#options.onlyTopCall || this.#frames > frameLimit) return;
    parent.calls ??= [];
    parent.calls.push(frame);
  }

  #tellUnmade(): void {
    if (this.#announced === undefined) return;
    this.#frames += 1;
    this.#addBelow(this.#announced);
    this.#announced = undefined;
  }

  #noteLog(step: InterpreterStep, topicCount: number): void {
    const frame = this.#open.at(-1);
    const offset = Number(step.stack.at(-1) ?? 0n);
    const size = Number(step.stack.at(-2) ?? 0n);
    // A log that cannot be paid, or reaches past any memory, ends the frame.
    if (frame === undefined || step.gasLeft < (step.opcode.dynamicFee ?? 0n)) return;
    const data = Buffer.alloc(size);
    data.set(step.memory.subarray(offset, offset + size));
    frame.logs ??= [];
    frame.logs.push({
      address: bytesToHex(step.address.bytes),
      topics: Array.from(
        { length: topicCount },
        (_, index): Hex =>
          `0x${step.stack
            .at(-3 - index)!
            .toString(16)
            .padStart(64, '0')}`,
      ),
      data: bytesToHex(data),
      index: `0x${this.#logIndex.toString(16)}`,
      position: `0x${(frame.calls?.length ?? 0).toString(16)}`,
    });
    this.#logIndex += 1;
  }

  async #noteSelfdestruct(step: InterpreterStep): Promise<void> {
    const beneficiary = step.stack.at(-1);
    const frame = this.#open.at(-1);
    if (frame === undefined || beneficiary === undefined) return;
    const balance = (await step.stateManager.getAccount(step.address))?.balance ?? 0n;
    this.#death = {
      type: 'SELFDESTRUCT',
      from: bytesToHex(step.address.bytes),
      to: wordToAddress(beneficiary),
      value: toQuantity(balance),
      gas: '0x0',
      gasUsed: '0x0',
      input: '0x',
    };
  }

  async #onStep(step: InterpreterStep): Promise<void> {
    const { name } = step.opcode;
    this.#tellUnmade();
    this.#lastOpcode = name;
    this.#announced = unmadeCallOf(step, this.#open.at(-1)?.value);
    const deep = this.#options.onlyTopCall && step.depth > 0;
    if (this.#options.withLog && !deep && /^LOG[0-4]$/.test(name)) this.#noteLog(step, Number(name[3]));
    if (name === 'SELFDESTRUCT') await this.#noteSelfdestruct(step);
  }

  result(outcome: TracedOutcome): CallFrame {
    if (this.#failure !== undefined) throw this.#failure;
    const root = this.#root;
    if (root === undefined) throw new ChainError('request_invalid', 'nothing was executed');
    root.gas = toQuantity(outcome.gasLimit);
    root.gasUsed = toQuantity(outcome.gasUsed);
    if (this.#options.withLog) dropFailedLogs(root, false);
    return root;
  }
}
