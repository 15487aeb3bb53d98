/** What is counted and logged of one request that the gateway did not hand to its own routes. */
import type { Duplex } from 'node:stream';
import {
  acceptRequestId,
  type FrontHost,
  type ProblemError,
  type RawResponse,
  type SignedInAccount,
} from '@lucid/service-kit';
import type { Admission } from './access/admission.ts';

/** Of a request whose caller left before its answer. */
const LEFT = 499;

export class RequestRecord implements Admission {
  readonly #host: FrontHost;
  readonly #method: string;
  readonly #startedAtMs = performance.now();
  #watched = false;
  /** The service that it is for. */
  operation = 'refused';
  requestId = '';
  account: SignedInAccount | undefined;
  headers: readonly string[] = [];
  withoutPlace = false;
  status: number | undefined;
  failure: ProblemError | undefined;

  constructor(host: FrontHost, method: string) {
    this.#host = host;
    this.#method = method;
  }

  /** Counts it from now on, until the answer, or the socket that it goes on as, is closed. */
  watch(answer: RawResponse | Duplex): void {
    if (this.#watched) return;
    this.#watched = true;
    if (this.requestId === '') this.requestId = acceptRequestId(undefined);
    this.#host.started();
    answer.once('close', () => {
      const status = 'statusCode' in answer ? answer.statusCode : undefined;
      this.#finish(
        'statusCode' in answer && !answer.writableFinished ? LEFT : (this.status ?? status ?? LEFT),
      );
    });
  }

  #finish(status: number): void {
    this.#host.finished({
      operation: this.operation,
      method: this.#method,
      requestId: this.requestId,
      caller: this.account === undefined ? 'public' : 'account',
      account: this.account?.address,
      status,
      durationMs: performance.now() - this.#startedAtMs,
      failure: this.failure,
    });
  }
}
