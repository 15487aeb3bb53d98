import type { Clock } from '../clock.ts';
import type { AnyServiceDefinition } from '../definition.ts';
import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import { noTracing, type Tracing } from '../tracing.ts';
import { Deadlines } from './deadlines.ts';
import type { DispatchInput } from './input-judge.ts';
import { type CallRequest, type Listener, RunningCall } from './running-call.ts';

export type Handler = AnyServiceDefinition['handlers'][string];

export interface RunningCallsOptions {
  readonly definition: AnyServiceDefinition;
  readonly context: unknown;
  readonly clock: Clock;
  readonly log: Log;
  readonly tracing: Tracing;
}

/** Handlers that run, also those whose request was answered at its deadline. */
export class RunningCalls {
  readonly #options: RunningCallsOptions;
  readonly #running = new Set<RunningCall>();
  /** Long polls, of those that run. */
  readonly #waiting = new Set<RunningCall>();
  readonly #deadlines: Deadlines;
  #whenIdle: (() => void)[] = [];

  constructor(options: RunningCallsOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options.clock);
  }

  get size(): number {
    return this.#running.size;
  }

  start(
    handler: Handler,
    request: CallRequest & { readonly deadlineMs: number },
    own: { input: DispatchInput; waits: boolean; listener: Listener },
  ): RunningCall {
    const { clock, log } = this.#options;
    const deadlineAtMs = clock.nowMs() + request.deadlineMs;
    const call = new RunningCall(request, { deadlineAtMs, log, listener: own.listener });
    this.#running.add(call);
    if (own.waits) this.#waiting.add(call);
    this.#deadlines.add(call);
    try {
      const work = this.#work(handler, request, { input: own.input, call });
      if (isThenable(work))
        work.then(
          (output) => this.#ended(call).answer(output),
          (error: unknown) => this.#ended(call).fail(error),
        );
      else this.#ended(call).answer(work);
    } catch (error) {
      this.#ended(call).fail(error);
    }
    return call;
  }

  #work(
    handler: Handler,
    request: CallRequest,
    { input, call }: { input: DispatchInput; call: RunningCall },
  ): unknown {
    const { tracing, context, definition } = this.#options;
    if (tracing === noTracing) return handler(input as never, call, context as never);
    const span = {
      kind: 'server' as const,
      name: `${definition.contract.service}.${request.operation}`,
      parent: request.traceparent,
      attributes: { 'lucid.caller': request.caller, 'lucid.request_id': request.requestId },
    };
    return tracing.run(span, async (traceparent) => {
      call.traceparent = traceparent;
      return handler(input as never, call, context as never);
    });
  }

  #ended(call: RunningCall): RunningCall {
    this.#running.delete(call);
    this.#waiting.delete(call);
    this.#deadlines.remove(call);
    if (this.#running.size === this.#waiting.size) for (const wake of this.#whenIdle.splice(0)) wake();
    return call;
  }

  /** Nothing runs but long polls. */
  async idle(): Promise<void> {
    while (this.#running.size > this.#waiting.size) await this.#nextIdle();
  }

  async drained(): Promise<void> {
    while (this.#running.size > 0) await this.#nextIdle();
  }

  #nextIdle(): Promise<void> {
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  endWaiting(): void {
    for (const call of this.#waiting) call.abort(stopping());
  }

  abortAll(): void {
    for (const call of this.#running) call.abort(stopping());
  }
}

const stopping = () => new ProblemError('unavailable', { detail: 'The service is stopping.' });

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
