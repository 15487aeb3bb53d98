/**
 * Recovers senders in a thread beside, while transactions come in number; a signature takes a quarter of all that a transfer costs. The thread is
 * begun by the first batch of some size and ends when nothing came for a while: a node that idles has none.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Hex } from '@lucid/chain-application';
import type { Clock, Log } from '@lucid/service-kit';
import { ADDRESS_BYTES } from './recover-all.ts';

/** Fewer are recovered sooner than a thread is begun. */
const BATCH_THAT_BEGINS = 8;
const IDLE_MS = 30_000;

export interface RecoveryJob {
  readonly id: number;
  /** As they travel. */
  readonly transactions: Uint8Array;
}

interface Recovered {
  readonly id: number;
  readonly senders: Uint8Array;
}

export interface SenderRecoveryOptions {
  /** Script of the thread; without it all is left to the chain. */
  readonly workerUrl: URL;
  readonly clock: Clock;
  readonly log: Log;
}

/** Undefined: the chain recovers it itself, and says what is wrong with it. */
export type Senders = readonly (Hex | undefined)[];

const none: Senders = [];

export class SenderRecovery {
  readonly #options: SenderRecoveryOptions;
  #isPossible: boolean;
  readonly #waiting = new Map<number, (senders: Senders) => void>();
  #worker: Worker | null = null;
  #lastId = 0;
  #cancelIdle: () => void = () => {};
  #isClosed = false;

  constructor(options: SenderRecoveryOptions) {
    this.#options = options;
    this.#isPossible = availableParallelism() > 1 && existsSync(fileURLToPath(options.workerUrl));
  }

  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** Senders of a list of `count` transactions, as it travels; fewer where it is not worth it. Never rejects. */
  async recover(list: Uint8Array, count: number): Promise<Senders> {
    if (this.#worker === null && count < BATCH_THAT_BEGINS) return none;
    const worker = this.#begun();
    if (worker === null) return none;
    this.#cancelIdle();
    const id = ++this.#lastId;
    const transactions = Uint8Array.from(list);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      worker.postMessage({ id, transactions } satisfies RecoveryJob, [transactions.buffer]);
    });
  }

  #begun(): Worker | null {
    if (this.#worker !== null || this.#isClosed || !this.#isPossible) return this.#worker;
    const worker = new Worker(this.#options.workerUrl, {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    });
    worker.on('message', (recovered: Recovered) => this.#take(recovered));
    worker.once('error', (error) => {
      this.#isPossible = false;
      this.#options.log.warn(
        { err: error },
        'the thread that recovers senders broke down; there will be none',
      );
    });
    worker.once('exit', () => this.#ended(worker));
    this.#worker = worker;
    return worker;
  }

  #take({ id, senders }: Recovered): void {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#endLater();
    const hex = Buffer.from(senders.buffer, senders.byteOffset, senders.length).toString('hex');
    const nobody = '0'.repeat(2 * ADDRESS_BYTES);
    done?.(
      Array.from({ length: senders.length / ADDRESS_BYTES }, (_, index) => {
        const address = hex.slice(2 * ADDRESS_BYTES * index, 2 * ADDRESS_BYTES * (index + 1));
        return address === nobody ? undefined : (`0x${address}` as const);
      }),
    );
  }

  #endLater(): void {
    this.#cancelIdle();
    this.#cancelIdle = this.#options.clock.after(IDLE_MS, () => void this.#worker?.terminate());
  }

  /** Whatever it was asked is left to the chain. */
  #ended(worker: Worker): void {
    if (this.#worker === worker) this.#worker = null;
    for (const done of this.#waiting.values()) done(none);
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelIdle();
    await this.#worker?.terminate();
  }
}
