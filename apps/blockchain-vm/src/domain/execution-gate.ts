import { ProblemError } from '@lucid/service-kit';

/** Executions that take turns with each other, and with a block: each more makes a block slower. */
const AT_ONCE = 8;
const MOST_WAITING = 1_000;

/** A signal is made when it is asked for, and costs as much as a small call. */
export interface Caller {
  readonly signal: AbortSignal;
  readonly isAborted?: boolean;
}

/** Lets few executions run side by side; others wait in the order in which they came. */
export class ExecutionGate {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Work whose caller left while it waited is not begun. Rejects with `too_many_requests` where too much waits. */
  async run<T>(work: () => Promise<T>, caller: Caller): Promise<T> {
    const waits = this.#running >= AT_ONCE;
    if (waits) await this.#turn();
    else this.#running += 1;
    try {
      if (waits && (caller.isAborted ?? caller.signal.aborted)) caller.signal.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }

  /** Of one that ends, whose place is taken over. */
  #turn(): Promise<void> {
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.reject(new ProblemError('too_many_requests', { extensions: { retryAfterMs: 1_000 } }));
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
