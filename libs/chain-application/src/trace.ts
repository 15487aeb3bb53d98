/** Traces of calls and of transactions of a block, which is executed anew on its parent's state. */
import type { Block } from '@ethereumjs/block';
import type { TypedTransaction } from '@ethereumjs/tx';
import { type AfterTxEvent, runBlock } from '@ethereumjs/vm';
import type { CallRequest, Trace, TraceOptions } from './application.ts';
import { executeCall } from './call.ts';
import { allowSteps, type CallMachine } from './call-machine.ts';
import { applyOverrides, type PreparedCall } from './call-request.ts';
import { CallTracer } from './call-tracer.ts';
import { ChainError } from './error.ts';
import { wordExecutionError } from './receipt.ts';
import { StructLogger } from './struct-logs.ts';

/** The most that a unit of gas buys of the steps that are counted: a CALL of 40 gas (Frontier) counts 100. What was mined is bounded by its gas. */
const stepsPerGas = 2.5;

export interface TraceLimits {
  /** That a trace without tracer tells. */
  readonly steps: number;
}

type Tracer = StructLogger | CallTracer;

const createTracer = (options: TraceOptions, limits: TraceLimits, logsBefore: number): Tracer =>
  options.tracer === 'callTracer'
    ? new CallTracer(options, logsBefore)
    : new StructLogger(options, limits.steps);

export async function traceCall(
  machine: CallMachine,
  call: PreparedCall,
  request: CallRequest,
  options: TraceOptions,
  limits: TraceLimits,
): Promise<Trace> {
  await applyOverrides(machine, request);
  const tracer = createTracer(options, limits, 0);
  const detach = tracer.attach(machine.evm);
  const { result } = await executeCall(machine, call, call.gas).finally(detach);
  if (result.ok)
    return tracer.result({
      gasLimit: call.gas,
      gasUsed: result.gasUsed,
      returnData: result.data,
      error: undefined,
    });
  const { failure } = result;
  if (failure.reason === 'refused')
    throw new ChainError('request_invalid', `tracing failed: ${failure.message}`);
  const reverted = failure.reason === 'reverted';
  return tracer.result({
    gasLimit: call.gas,
    gasUsed: failure.gasUsed,
    returnData: failure.data ?? new Uint8Array(0),
    error: reverted ? 'execution reverted' : failure.message,
  });
}

/** Ends the execution of a block after the last transaction that is asked for. */
class TracedEnough extends Error {}

/** The traces of the transactions of those places, in order. The machine has the state of the block's parent. */
export async function traceBlockTransactions(
  machine: CallMachine,
  block: Block,
  wanted: { readonly first: number; readonly last: number },
  options: TraceOptions,
  limits: TraceLimits,
): Promise<Trace[]> {
  const traces: Trace[] = [];
  let index = -1;
  let logs = 0;
  let tracer: Tracer | undefined;
  let detach: (() => void) | undefined;
  const before = (transaction: TypedTransaction): void => {
    index += 1;
    allowSteps(machine, stepsPerGas * Number(transaction.gasLimit));
    if (index < wanted.first) return;
    tracer = createTracer(options, limits, logs);
    detach = tracer.attach(machine.evm);
  };
  const after = (event: AfterTxEvent): void => {
    detach?.();
    detach = undefined;
    const outcome = {
      gasLimit: event.transaction.gasLimit,
      gasUsed: event.totalGasSpent,
      returnData: event.execResult.returnValue,
      error: wordExecutionError(event.execResult),
    };
    if (tracer !== undefined) traces.push(tracer.result(outcome));
    logs += event.receipt.logs.length;
    if (index >= wanted.last) throw new TracedEnough();
  };
  const { events } = machine.vm;
  events.on('beforeTx', before);
  events.on('afterTx', after);
  try {
    await runBlock(machine.vm, { block, skipHeaderValidation: true, skipBlockValidation: true });
  } catch (error) {
    if (!(error instanceof TracedEnough)) throw error;
  } finally {
    detach?.();
    events.off('beforeTx', before);
    events.off('afterTx', after);
  }
  return traces;
}
