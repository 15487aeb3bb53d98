/**
 * One request passed on and its answer passed back, both as streams with back-pressure. An answer that the service does not end is
 * not ended for the client either: its connection (or HTTP/2 stream) is cut.
 */
import type { ProblemError, RawRequest, RawResponse, SignedInAccount } from '@lucid/service-kit';
import type { Dispatcher } from 'undici';
import type { Passage } from '../housekeeping.ts';
import type { Incoming } from '../requests/incoming.ts';
import { cutOff, writeHead } from './answers.ts';
import { isLost, problemOfFailure } from './failures.ts';
import { linesFromService } from './heads.ts';
import { takeBody } from './intake.ts';
import type { Entered } from './upstreams.ts';

export interface ExchangeOptions {
  readonly request: RawRequest;
  readonly response: RawResponse;
  readonly incoming: Incoming;
  readonly upstream: Entered;
  readonly path: string;
  /** Lines to the service. */
  readonly lines: string[];
  /** Lines of the gateway's own on the answer. */
  readonly answerLines: string[];
  readonly maxBodyBytes: number;
  readonly idleMs: number;
  readonly stallMs: number;
  readonly account: SignedInAccount | undefined;
  /** The client's connection to this answer is over. */
  readonly onClosed: (exchange: Exchange) => void;
  /** Before anything was answered. */
  readonly onFailure: (problem: ProblemError) => void;
}

export class Exchange implements Dispatcher.DispatchHandler, Passage {
  readonly #options: ExchangeOptions;
  readonly #response: RawResponse;
  #abort: ((error?: Error) => void) | undefined;
  #left = false;
  #begun = false;
  #retried = false;
  #expected: number | undefined;
  #received = 0;
  #last: Buffer | undefined;
  #stall: NodeJS.Timeout | undefined;
  #resume: (() => void) | undefined;
  /** The answer goes on for as long as somebody listens. */
  isEndless = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#response = options.response;
  }

  start(): void {
    this.#response.once('close', () => this.#closed());
    this.#dispatch();
  }

  get account(): SignedInAccount | undefined {
    return this.#options.account;
  }

  /** Cuts it off for both. */
  cut(): void {
    cutOff(this.#response);
  }

  onConnect(abort: (error?: Error) => void): void {
    if (this.#left) abort();
    else this.#abort = abort;
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    this.#resume = resume;
    // Interim answers are of one hop.
    if (status < 200) return true;
    const { upstream, incoming, answerLines } = this.#options;
    upstream.tell('answered');
    if (this.#left) return true;
    const { lines, contentLength, isEventStream } = linesFromService(raw, answerLines);
    this.isEndless = isEventStream;
    if (incoming.method !== 'HEAD') this.#expected = contentLength;
    this.#begun = true;
    writeHead(this.#response, status, lines);
    if (isEventStream) (this.#response as { flushHeaders?: () => void }).flushHeaders?.();
    return true;
  }

  onData(chunk: Buffer): boolean {
    this.#received += chunk.length;
    // The last piece goes out together with the end.
    if (this.#received === this.#expected) {
      this.#last = chunk;
      return true;
    }
    if ((this.#response as { write(piece: Buffer): boolean }).write(chunk)) return true;
    this.#stall = setTimeout(() => this.cut(), this.#options.stallMs).unref();
    this.#response.once('drain', this.#drained);
    return false;
  }

  onComplete(): void {
    if (this.#last === undefined) this.#response.end();
    else this.#response.end(this.#last);
  }

  onError(error: Error): void {
    if (this.#left) return;
    const { upstream, onFailure } = this.#options;
    if (this.#begun) {
      cutOff(this.#response);
      return;
    }
    if (this.#mayRetry(error)) {
      this.#retried = true;
      this.#dispatch();
      return;
    }
    const problem = problemOfFailure(error);
    upstream.tell(
      problem.code === 'unavailable' || problem.code === 'deadline_exceeded' ? 'failed' : 'answered',
    );
    onFailure(problem);
  }

  /** A connection that was kept may have been closed by the service just then; what is safe and has no body is sent once more. */
  #mayRetry(error: Error): boolean {
    const { method, hasBody } = this.#options.incoming;
    return !this.#retried && !hasBody && (method === 'GET' || method === 'HEAD') && isLost(error);
  }

  #dispatch(): void {
    const { upstream, incoming, path, lines, request, response, maxBodyBytes, idleMs } = this.#options;
    if (incoming.lines.expectsContinue && incoming.hasBody) response.writeContinue();
    try {
      upstream.pool.dispatch(
        {
          method: incoming.method as Dispatcher.HttpMethod,
          path,
          headers: lines,
          body: incoming.hasBody ? takeBody(request, { maxBytes: maxBodyBytes, idleMs }) : null,
        },
        this,
      );
    } catch (error) {
      this.onError(error as Error);
    }
  }

  readonly #drained = () => {
    clearTimeout(this.#stall);
    this.#resume?.();
  };

  #closed(): void {
    clearTimeout(this.#stall);
    this.#options.onClosed(this);
    if (this.#response.writableFinished) return;
    this.#left = true;
    this.#options.upstream.tell('left');
    this.#abort?.();
  }
}
