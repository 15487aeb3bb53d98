import { setMaxListeners } from 'node:events';
import type { SignedInAccount } from '../auth/access-tokens.ts';
import type { Call } from '../definition.ts';
import type { Log } from '../log.ts';
import { ProblemError } from '../problem.ts';
import type { Expiring } from './deadlines.ts';

/** Hears of a call's end; exactly one of the two is called, once, maybe before `start` returns. */
export interface Listener {
  answered(output: unknown, call: { readonly mayBeStored: boolean }): void;
  failed(error: unknown): void;
}

/** A handler may make many calls at once, each of which listens; Node warns of a leak beyond 10 otherwise. */
const mostListeners = 10_000;

export interface CallRequest {
  readonly operation: string;
  readonly caller: string;
  readonly account?: SignedInAccount | undefined;
  readonly requestId: string;
  readonly traceparent?: string | undefined;
}

/**
 * A call under way. Its signal and its log are made when the handler first asks: most never do, and both cost more than
 * the rest of a short request.
 */
export class RunningCall implements Call, Expiring {
  readonly caller: string;
  readonly account: SignedInAccount | undefined;
  readonly requestId: string;
  readonly deadlineAtMs: number;
  traceparent: string | undefined;
  mayBeStored = true;
  readonly #operation: string;
  readonly #serviceLog: Log;
  readonly #listener: Listener;
  #log: Log | undefined;
  #controller: AbortController | undefined;
  #abortedBy: ProblemError | undefined;
  #told = false;

  constructor(request: CallRequest, own: { deadlineAtMs: number; log: Log; listener: Listener }) {
    this.caller = request.caller;
    this.account = request.account;
    this.requestId = request.requestId;
    this.traceparent = request.traceparent;
    this.#operation = request.operation;
    this.deadlineAtMs = own.deadlineAtMs;
    this.#serviceLog = own.log;
    this.#listener = own.listener;
  }

  get log(): Log {
    this.#log ??= this.#serviceLog.child({ requestId: this.requestId, operation: this.#operation });
    return this.#log;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      setMaxListeners(mostListeners, this.#controller.signal);
      if (this.#abortedBy) this.#controller.abort(this.#abortedBy);
    }
    return this.#controller.signal;
  }

  get isAborted(): boolean {
    return this.#abortedBy !== undefined;
  }

  doNotStore(): void {
    this.mayBeStored = false;
  }

  answer(output: unknown): void {
    if (this.#told) return;
    this.#told = true;
    this.#listener.answered(output, this);
  }

  fail(error: unknown): void {
    if (this.#told) return;
    this.#told = true;
    this.#listener.failed(error);
  }

  /** Answers at once with the reason, and tells the handler if it listens. */
  abort(reason: ProblemError): void {
    if (this.#abortedBy) return;
    this.#abortedBy = reason;
    this.#controller?.abort(reason);
    this.fail(reason);
  }

  expire(): void {
    this.abort(new ProblemError('deadline_exceeded'));
  }

  leave(): void {
    this.abort(new ProblemError('unavailable', { detail: 'The caller went away.' }));
  }
}
