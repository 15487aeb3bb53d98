/**
 * Runs compilations, each in a thread of its own that is bounded in time and memory: what an input does to it is never felt by the
 * service. A few run at a time, a few more wait, others are refused.
 */
import { Worker } from 'node:worker_threads';
import type { Clock, Log } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { CompileInput } from './compile-input.ts';
import type { CompilerFiles } from './compiler-files.ts';
import type { Compiled, CompileJob, CompileOutcome } from './worker-protocol.ts';

const MB = 1024 * 1024;

export interface PoolOptions {
  readonly workerUrl: URL;
  readonly files: CompilerFiles;
  readonly memoryMb: number;
  readonly parallel: number;
  readonly queue: number;
  readonly clock: Clock;
  readonly log: Log;
}

export class CompilerPool {
  readonly #options: PoolOptions;
  readonly #running = new Set<Worker>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** @throws ProblemError where it is too large, too slow, too much, or breaks the compiler. */
  async compile(input: CompileInput, deadlineMs: number): Promise<Compiled> {
    await this.#enter();
    try {
      if (this.#closed) throw problem('compiler_busy', { detail: 'The service stops.' });
      const outcome = await this.#run(input, deadlineMs);
      if (outcome.kind === 'compiled') return outcome;
      if (outcome.kind === 'memory')
        throw problem('compile_too_large', { detail: `It may have ${this.#options.memoryMb} MB.` });
      this.#options.log.warn({ why: outcome.why.slice(0, 500) }, 'the compiler broke down');
      throw problem('compiler_failed');
    } finally {
      this.#leave();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const go of this.#waiting.splice(0)) go();
    await Promise.all([...this.#running].map((worker) => worker.terminate()));
  }

  async #enter(): Promise<void> {
    if (this.#busy >= this.#options.parallel) {
      if (this.#waiting.length >= this.#options.queue) throw problem('compiler_busy');
      // Who leaves hands its place over.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#busy += 1;
    }
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy -= 1;
  }

  #run(input: CompileInput, deadlineMs: number): Promise<CompileOutcome> {
    const { workerUrl, files, memoryMb, clock } = this.#options;
    const job: CompileJob = {
      input: { ...input, sources: { ...input.sources } },
      files,
      memoryBytes: memoryMb * MB,
    };
    const worker = new Worker(workerUrl, {
      workerData: job,
      env: {},
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
    });
    this.#running.add(worker);
    return new Promise<CompileOutcome>((resolve, reject) => {
      const cancel = clock.after(deadlineMs, () => {
        reject(problem('compile_timed_out', { detail: `It was stopped after ${deadlineMs} ms.` }));
        void worker.terminate();
      });
      worker.once('message', resolve);
      worker.once('error', (error: Error & { code?: string }) =>
        resolve(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? { kind: 'memory' }
            : { kind: 'failed', why: `${error.name}: ${error.message}` },
        ),
      );
      worker.once('exit', () => {
        cancel();
        this.#running.delete(worker);
        resolve({ kind: 'failed', why: 'the worker ended without an answer' });
      });
    });
  }
}
