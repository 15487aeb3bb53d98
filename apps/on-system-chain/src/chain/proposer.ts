/** Makes the next block in the vm out of what waits, and judges what the vm left out of it. */
import { decodeExecutedBlock, type ExecutedBlock, encodeProposal, toHex } from '@lucid/chain-wire';
import { isProblem, type Log } from '@lucid/service-kit';
import type { Vm } from '../mempool/check-batcher.ts';
import type { Mempool } from '../mempool/mempool.ts';
import type { PooledTransaction } from '../mempool/pool-transaction.ts';
import type { ChainBlock } from './chain-block.ts';
import { nextBaseFee } from './fees.ts';

/** Limits of a block of ours. */
const maxTransactions = 2_000;
const maxBytes = 1_000_000;
/** Gas limits are most often set too high: more is offered than fits by them, and the vm leaves out what does not. */
const gasOverbooking = 2n;
/** A vm that fails once may have had another reason. */
const mostStumbles = 3;
const extraData = new TextEncoder().encode('lucid');

export interface Proposed {
  readonly executed: ExecutedBlock;
  /** Of the transactions that it holds. */
  readonly hashes: readonly string[];
  readonly chosen: readonly PooledTransaction[];
}

export interface ProposerOptions {
  readonly vm: Vm;
  readonly pool: Mempool;
  readonly log: Log;
  /** Who gets the tips, 20 bytes. */
  readonly producer: Uint8Array;
}

export class Proposer {
  readonly #options: ProposerOptions;
  /** A block of more transactions than this could not be made. */
  #trusted = maxTransactions;
  /** The transaction over which the vm stumbled last when it was alone, and how often in a row. */
  #suspect = '';
  #stumbles = 0;

  constructor(options: ProposerOptions) {
    this.#options = options;
  }

  /** A block that is in the vm's memory and nowhere else. @throws ProblemError of the vm */
  async propose(head: ChainBlock, timestampSec: number): Promise<Proposed> {
    const chosen = this.#options.pool.select({
      baseFee: nextBaseFee(head.header) ?? 0n,
      maxTransactions: this.#trusted,
      maxBytes,
      maxGas: head.header.gasLimit * gasOverbooking,
    });
    const height = head.height + 1;
    try {
      const executed = await this.#finalize(height, timestampSec, chosen);
      this.#trusted = Math.min(this.#trusted * 2, maxTransactions);
      const without = new Set<string>(executed.leftOut.map(({ hash }) => toHex(hash)));
      const hashes = chosen.map(({ hash }) => hash).filter((hash) => !without.has(hash));
      return { executed, hashes, chosen };
    } catch (error) {
      if (isProblem(error, 'block_invalid', 'internal', 'deadline_exceeded'))
        await this.#blame(chosen, () => this.#finalize(height, timestampSec, []), error);
      throw error;
    }
  }

  async #finalize(
    height: number,
    timestampSec: number,
    chosen: readonly PooledTransaction[],
  ): Promise<ExecutedBlock> {
    const { vm, producer } = this.#options;
    const transactions = chosen.map(({ bytes }) => bytes);
    const body = encodeProposal({ timestampSec, proposer: producer, extraData, transactions });
    return decodeExecutedBlock(await vm.finalizeBlock({ params: { height }, body }));
  }

  /**
   * A transaction that the vm stumbles over is found by halving, and given up where it does so again and again, but can make an
   * empty block.
   */
  async #blame(
    chosen: readonly PooledTransaction[],
    makeEmpty: () => Promise<unknown>,
    error: unknown,
  ): Promise<void> {
    const { pool, log } = this.#options;
    this.#trusted = Math.max(1, chosen.length >> 1);
    const [first] = chosen;
    if (!first || chosen.length > 1) return;
    await makeEmpty();
    this.#stumbles = first.hash === this.#suspect ? this.#stumbles + 1 : 1;
    this.#suspect = first.hash;
    if (this.#stumbles < mostStumbles) return;
    pool.remove(first.hash);
    log.error({ transaction: first.hash, err: error }, 'a transaction that no block can hold was given up');
  }

  /**
   * Of what the vm left out, only what a later block may hold waits on. What follows it of the same sender was left out because of the
   * gap: it waits, too, in the mempool's queue where the one before it was given up.
   */
  settle({ executed, chosen }: Proposed): void {
    const { pool, log } = this.#options;
    const interrupted = new Set<string>();
    const senders = new Map(chosen.map(({ hash, sender }) => [hash, sender]));
    for (const { hash, reason } of executed.leftOut) {
      const name = toHex(hash);
      const sender = senders.get(name) ?? '';
      if (interrupted.has(sender)) continue;
      interrupted.add(sender);
      const mayWait = executed.receipts.length > 0 && isAboutRoom(reason);
      if (!mayWait && pool.remove(name))
        log.info({ transaction: name, reason }, 'a transaction was given up');
    }
  }
}

/** The words of the vm for one that fits into a later block. */
const isAboutRoom = (reason: string): boolean => reason.startsWith('gas limit reached');
