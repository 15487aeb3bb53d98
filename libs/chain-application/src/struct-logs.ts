/** Struct logs: each step of an execution as geth's default tracer tells it (eth/tracers/logger). */
import type { EVM, EVMResult, InterpreterStep, Message } from '@ethereumjs/evm';
import type { StructLog, StructLogTrace, TraceOptions } from './application.ts';
import { ChainError } from './error.ts';
import { failsBeforeExecution, wordExecutionError } from './receipt.ts';
import { bytesToHex, type Hex } from './values.ts';

const callOpcodes = new Set(['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL']);
/** Characters that one trace may have, so that what a service answers at most (32 MiB) holds it. */
const textLimit = 28 * 1024 * 1024;
/** What is told of a step beside its stack, memory and storage; a word of memory; a slot of storage and its value. */
const textOf = { step: 120, word: 69, slot: 140 } as const;

const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, '0')}`;

function memoryWords(memory: Uint8Array): Hex[] {
  const words: Hex[] = [];
  for (let at = 0; at < memory.length; at += 32) words.push(bytesToHex(memory.subarray(at, at + 32)));
  return words;
}

/** geth tells the gas that a call hands on as part of its cost. */
function costOf(step: InterpreterStep): bigint {
  const cost = step.opcode.dynamicFee ?? BigInt(step.opcode.fee);
  const left = step.gasLeft - cost;
  if (!callOpcodes.has(step.opcode.name) || left < 0n) return cost;
  const wanted = step.stack.at(-1) ?? 0n;
  const most = left - left / 64n;
  return cost + (wanted < most ? wanted : most);
}

/** Instructions after which no other step comes. */
const ends = new Set(['STOP', 'RETURN', 'SELFDESTRUCT']);

interface Step {
  readonly pc: number;
  readonly name: string;
  readonly gasLeft: bigint;
  readonly cost: bigint;
  readonly depth: number;
  readonly stack: readonly bigint[];
  readonly memory: Uint8Array;
  readonly refund: bigint;
  readonly storage: Record<string, string> | undefined;
}

export class StructLogger {
  readonly #options: TraceOptions;
  readonly #stepLimit: number;
  readonly #logs: StructLog[] = [];
  readonly #storage = new Map<string, Record<string, string>>();
  /** What the last call of each open frame handed back. */
  readonly #returned: Uint8Array[] = [];
  /** Place of the last step of each open frame. */
  readonly #lastStep: number[] = [];
  #textSize = 0;

  constructor(options: TraceOptions, stepLimit: number) {
    this.#options = options;
    this.#stepLimit = stepLimit;
  }

  attach(evm: EVM): () => void {
    const step = (data: InterpreterStep, resume?: () => void): void => {
      this.#onStep(data).then(resume, (error: unknown) => {
        this.#failure ??= error;
        resume?.();
      });
    };
    // ethereumjs waits for listeners of two parameters.
    const waiting = (data: InterpreterStep, resume?: () => void): void => step(data, resume);
    const enter = (_: Message): void => {
      this.#returned.push(new Uint8Array(0));
      this.#lastStep.push(-1);
    };
    const leave = (result: EVMResult): void => {
      this.#noteEndOfCode(result.execResult);
      this.#returned.pop();
      this.#noteFailure(this.#lastStep.pop() ?? -1, wordExecutionError(result.execResult));
      const { exceptionError, returnValue } = result.execResult;
      const kept = result.createdAddress === undefined || exceptionError !== undefined;
      const silent = exceptionError !== undefined && exceptionError.error !== 'revert';
      if (this.#returned.length > 0)
        this.#returned[this.#returned.length - 1] = kept && !silent ? returnValue : new Uint8Array(0);
    };
    evm.events.on('step', waiting);
    evm.events.on('beforeMessage', enter);
    evm.events.on('afterMessage', leave);
    return () => {
      evm.events.off('step', waiting);
      evm.events.off('beforeMessage', enter);
      evm.events.off('afterMessage', leave);
    };
  }

  #failure: unknown;

  /**
   * The last step of a frame that failed before its instruction was executed tells why. A creation may fail behind its last step, when its code is to
   * be paid. ethereumjs calls all instructions that there are not INVALID, as the one of that name.
   */
  #noteFailure(index: number, error: string | undefined): void {
    const log = this.#logs[index];
    if (log === undefined || error === undefined) return;
    const [, undefinedOpcode] = /^invalid opcode: (opcode .*)/.exec(error) ?? [];
    if (undefinedOpcode !== undefined) this.#logs[index] = { ...log, op: undefinedOpcode };
    const endedBefore = ends.has(log.op) && log.gas >= log.gasCost && error.startsWith('out of gas');
    if (failsBeforeExecution(error) && !endedBefore) this.#logs[index] = { ...log, error };
  }

  /** Behind the last byte of code stands a STOP, which ethereumjs does not step on. */
  #noteEndOfCode({ runState, exceptionError }: EVMResult['execResult']): void {
    const last = this.#logs[this.#lastStep.at(-1) ?? -1];
    if (runState === undefined || exceptionError !== undefined || last === undefined) return;
    if (ends.has(last.op) || runState.programCounter < runState.code.length) return;
    try {
      this.#note({
        pc: runState.programCounter,
        name: 'STOP',
        gasLeft: runState.gasLeft,
        cost: 0n,
        depth: last.depth,
        stack: runState.stack.getStack(),
        memory: runState.memory._store.subarray(0, Number(runState.memoryWordCount) * 32),
        refund: runState.gasRefund,
        storage: undefined,
      });
    } catch (error) {
      this.#failure ??= error;
    }
  }

  #count(textSize: number): void {
    this.#textSize += textSize;
    if (this.#logs.length >= this.#stepLimit)
      throw new ChainError(
        'execution_limit',
        `a trace tells at most ${this.#stepLimit} steps: limit asks for fewer, callTracer tells calls alone`,
      );
    if (this.#textSize > textLimit)
      throw new ChainError(
        'execution_limit',
        `a trace has at most ${textLimit} characters: disableStack, disableStorage and no enableMemory make it shorter`,
      );
  }

  async #storageOf(step: InterpreterStep): Promise<Record<string, string> | undefined> {
    const { name } = step.opcode;
    const slot = step.stack.at(-1);
    if (this.#options.disableStorage || slot === undefined || (name !== 'SLOAD' && name !== 'SSTORE'))
      return undefined;
    const address = step.address.toString();
    const known = this.#storage.get(address) ?? {};
    const key = word(slot);
    if (name === 'SSTORE') known[key] = word(step.stack.at(-2) ?? 0n);
    else {
      const value = await step.stateManager.getStorage(step.address, Buffer.from(key.slice(2), 'hex'));
      known[key] = `0x${bytesToHex(value).slice(2).padStart(64, '0')}`;
    }
    this.#storage.set(address, known);
    this.#count(textOf.slot * Object.keys(known).length);
    return { ...known };
  }

  async #onStep(step: InterpreterStep): Promise<void> {
    if (this.#failure !== undefined || this.#isFull) return;
    this.#note({
      pc: step.pc,
      name: step.opcode.name,
      gasLeft: step.gasLeft,
      cost: costOf(step),
      depth: step.depth + 1,
      stack: step.stack,
      memory: step.memory,
      refund: step.gasRefund,
      storage: await this.#storageOf(step),
    });
  }

  get #isFull(): boolean {
    const { limit } = this.#options;
    return limit !== undefined && limit > 0 && this.#logs.length >= limit;
  }

  #note(step: Step): void {
    if (this.#isFull) return;
    const memory = this.#options.enableMemory ? memoryWords(step.memory) : [];
    const stack = this.#options.disableStack
      ? undefined
      : step.stack.map((value): Hex => `0x${value.toString(16)}`);
    const stackSize = stack?.reduce((sum, each) => sum + each.length + 3, 0) ?? 0;
    this.#count(textOf.step + stackSize + textOf.word * memory.length);
    const returned = this.#returned.at(-1);
    this.#lastStep[this.#lastStep.length - 1] = this.#logs.length;
    this.#logs.push({
      pc: step.pc,
      op: step.name,
      gas: Number(step.gasLeft),
      gasCost: Number(step.cost),
      depth: step.depth,
      ...(stack === undefined ? {} : { stack }),
      ...(this.#options.enableReturnData && returned !== undefined && returned.length > 0
        ? { returnData: bytesToHex(returned) }
        : {}),
      ...(memory.length > 0 ? { memory } : {}),
      ...(step.storage === undefined ? {} : { storage: step.storage }),
      ...(step.refund > 0n ? { refund: Number(step.refund) } : {}),
    });
  }

  /** Throws what went wrong while it looked on. */
  result(outcome: TracedOutcome): StructLogTrace {
    if (this.#failure !== undefined) throw this.#failure;
    const silent = outcome.error !== undefined && outcome.error !== 'execution reverted';
    return {
      gas: Number(outcome.gasUsed),
      failed: outcome.error !== undefined,
      returnValue: silent ? '0x' : bytesToHex(outcome.returnData),
      structLogs: this.#logs,
    };
  }
}

/** How an execution that was traced ended; the error in geth's words. */
export interface TracedOutcome {
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  readonly returnData: Uint8Array;
  readonly error: string | undefined;
}
