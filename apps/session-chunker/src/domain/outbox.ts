/**
 * The records of one session that are not stored yet, sent one at a time in order; the next chunk is compressed while the one
 * before it is stored. What fails for now is tried again for as long as the session lives, so nothing accepted is dropped while
 * this process lives; what can never succeed ends the outbox.
 */
import { type Clock, isProblem, type Log } from '@lucid/service-kit';
import { isEndOfSession, isOutOfStep, problem } from './problems.ts';
import type { Job, RecordSender } from './record-sender.ts';
import { durableBytesOf, type RecordsHead } from './records-head.ts';

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;
/** Times in a row that the encryptor may disagree about where the log ends. */
const MAX_STEPS_ASIDE = 3;
const passing = [
  'unavailable',
  'deadline_exceeded',
  'too_many_requests',
  'store_full',
  'internal',
  'bad_answer',
] as const;

/** `lost`: the session cannot go on. `stale`: what was accepted does not fit what is stored; open the stream again. */
type OutboxEnd = 'lost' | 'stale';

interface OutboxOptions {
  readonly head: RecordsHead;
  readonly sender: RecordSender;
  readonly clock: Clock;
  readonly log: Log;
  /** Next offset that each cutter of the session would cut at, for tracks that have one. */
  readonly cutOffsets: () => Iterable<readonly [track: number, plainOffset: number]>;
}

interface Waiter {
  readonly until: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #stopping = new AbortController();
  readonly #waiters = new Set<Waiter>();
  #jobs: Job[] = [];
  #head: RecordsHead;
  #end: OutboxEnd | null = null;
  #running = false;
  #pendingBytes = 0;
  #stepsAside = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #fault: unknown;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#head = options.head;
  }

  get head(): RecordsHead {
    return this.#head;
  }

  get end(): OutboxEnd | null {
    return this.#end;
  }

  /** Plain bytes of chunks that are not stored yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get empty(): boolean {
    return this.#jobs.length === 0;
  }

  push(job: Job): void {
    if (this.#end) return;
    this.#jobs.push(job);
    if (job.kind === 'chunk') this.#pendingBytes += job.cut.plain.length;
    if (!this.#running) void this.#run();
    else if (job.kind === 'chunk' && job === this.#jobs[1]) this.#options.sender.pack(job);
  }

  /** Resolves when the condition holds. @throws session_lost, stream_unknown, store_full, or the signal's reason */
  async wait(until: () => boolean, signal?: AbortSignal): Promise<void> {
    this.assertAlive();
    if (until()) return;
    this.assertRoom();
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const leave = () => waiter.reject(signal?.reason);
      const settle = () => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', leave);
      };
      const waiter: Waiter = {
        until,
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** @throws store_full */
  assertRoom(): void {
    if (isProblem(this.#fault, 'store_full')) throw problem('store_full', { cause: this.#fault });
  }

  /** @throws session_lost, stream_unknown */
  assertAlive(): void {
    if (this.#end) throw this.#endProblem();
  }

  /** Ends the outbox and drops what is in it. */
  stop(end: OutboxEnd): void {
    this.#end ??= end;
    this.#stopping.abort();
    this.#jobs = [];
    this.#pendingBytes = 0;
    const why = this.#endProblem();
    for (const waiter of [...this.#waiters]) waiter.reject(why);
  }

  #endProblem() {
    return problem(this.#end === 'lost' ? 'session_lost' : 'stream_unknown');
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let job = this.#jobs[0]; job; job = this.#jobs[0]) {
      try {
        const head = await this.#send(job);
        if (this.#end) break;
        this.#settle(job, head);
      } catch (error) {
        if (this.#end) break;
        await this.#recover(error);
      }
    }
    this.#running = false;
  }

  #send(job: Job): Promise<RecordsHead> {
    const sending = this.#options.sender.send(job, this.#head);
    const next = this.#jobs[1];
    if (next?.kind === 'chunk') this.#options.sender.pack(next);
    return sending;
  }

  #settle(job: Job, head: RecordsHead): void {
    const index = this.#head.records;
    this.#head = head;
    this.#jobs.shift();
    this.#stepsAside = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#fault = undefined;
    if (job.kind === 'chunk') this.#pendingBytes -= job.cut.plain.length;
    else job.index = index;
    this.#wakeWaiters();
  }

  #wakeWaiters(): void {
    for (const waiter of [...this.#waiters]) if (waiter.until()) waiter.resolve();
  }

  async #recover(error: unknown): Promise<void> {
    if (isEndOfSession(error)) return this.stop('lost');
    try {
      if (isOutOfStep(error)) return await this.#stepAside(error);
      if (isProblem(error, ...passing)) return await this.#pause(error);
    } catch (second) {
      if (this.#end) return;
      if (isEndOfSession(second)) return this.stop('lost');
      if (isProblem(second, ...passing)) return this.#pause(second);
      error = second;
    }
    this.#options.log.error({ err: error }, 'the encryptor refuses a record');
    this.stop('lost');
  }

  async #pause(error: unknown): Promise<void> {
    this.#fault = error;
    if (isProblem(error, 'store_full')) {
      const full = problem('store_full', { cause: error });
      for (const waiter of [...this.#waiters]) waiter.reject(full);
    }
    this.#options.log.warn({ err: error, pauseMs: this.#pauseMs }, 'a record could not be stored yet');
    await this.#options.clock.sleep(this.#pauseMs, this.#stopping.signal).catch(() => undefined);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PAUSE_MS);
  }

  /** The log ends elsewhere than we thought (another writer, a lost answer): goes on from there if what waits still fits. */
  async #stepAside(error: unknown): Promise<void> {
    this.#stepsAside += 1;
    const head = await this.#options.sender.head();
    if (this.#end) return;
    if (head.closed) return this.stop('lost');
    const rest = this.#stepsAside > MAX_STEPS_ASIDE ? null : this.#unstored(head);
    if (rest === null) {
      this.#options.log.warn({ err: error }, 'what was accepted does not fit what is stored');
      return this.stop('stale');
    }
    this.#head = head;
    this.#jobs = rest;
    this.#pendingBytes = rest.reduce(
      (sum, each) => sum + (each.kind === 'chunk' ? each.cut.plain.length : 0),
      0,
    );
    this.#wakeWaiters();
  }

  /** The jobs that are not stored; null where they do not follow on from what is. */
  #unstored(head: RecordsHead): Job[] | null {
    const rest: Job[] = [];
    const next = new Map<number, number>();
    const nextOf = (track: number) => next.get(track) ?? durableBytesOf(head, track);
    for (const job of this.#jobs) {
      if (job.kind === 'chunk') {
        const { plainOffset, plain } = job.cut;
        const end = plainOffset + plain.length;
        if (end <= durableBytesOf(head, job.track)) continue;
        if (plainOffset !== nextOf(job.track)) return null;
        next.set(job.track, end);
      }
      rest.push(job);
    }
    for (const [track, offset] of this.#options.cutOffsets()) if (offset !== nextOf(track)) return null;
    return rest;
  }
}
