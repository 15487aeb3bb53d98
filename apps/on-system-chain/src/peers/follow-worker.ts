/**
 * Follows the chain of another node: takes its blocks as they are made, by one of its addresses after the other where one fails. What is wrong with
 * an answer is told and asked for again, later and elsewhere; two contradicting signatures of the other end the following for good.
 */
import {
  type BlockSource,
  type FollowedChain,
  Follower,
  LogForked,
  LogWitness,
  PeerFault,
} from '@lucid/chain-follower';
import { type Clock, isProblem, type Log, type Worker } from '@lucid/service-kit';
import type { ChainView } from '../chain/chain-view.ts';
import type { Fault } from '../chain/clock-judge.ts';
import type { Driver } from '../chain/driver.ts';
import type { FollowerStore } from './witness-store.ts';

const firstBackoffMs = 1_000;
const lastBackoffMs = 60_000;

export interface FollowWorkerOptions {
  readonly driver: Pick<Driver, 'importBlock'>;
  readonly view: Pick<ChainView, 'head'>;
  /** Addresses of the one node that is followed; at least one. */
  readonly sources: readonly BlockSource[];
  readonly verifierKey: string;
  readonly store: FollowerStore;
  readonly clock: Clock;
  readonly log: Log;
}

const forked: Fault = {
  code: 'peer_forked',
  text: 'the node that is followed signed two different logs; the proof is kept in the folder `peers` of CHAIN_DATA_DIR. Ask who runs it; to follow again, move that folder away',
};

const chainOf = ({ driver, view }: FollowWorkerOptions): FollowedChain => ({
  height: () => view.head?.height ?? 0,
  async importBlock(height, blockRlp) {
    try {
      await driver.importBlock(height, blockRlp);
      return 'kept';
    } catch (error) {
      if (isProblem(error, 'block_invalid', 'block_out_of_order')) return 'invalid';
      throw error;
    }
  },
});

export class FollowWorker implements Worker {
  readonly name = 'follower';
  readonly #options: FollowWorkerOptions;
  readonly #follower: Follower;
  #fault: Fault | null = null;

  /** @throws NoteError where the verifier key is none */
  constructor(options: FollowWorkerOptions) {
    this.#options = options;
    const { verifierKey, store } = options;
    this.#follower = new Follower({
      witness: new LogWitness({ verifierKey, store }),
      chain: chainOf(options),
    });
  }

  /** What is wrong with the node that is followed; null while nothing is, also where it is away. */
  get fault(): Fault | null {
    return this.#fault;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { sources, store, clock } = this.#options;
    if ((await store.evidence()) !== null) this.#accuse(forked);
    for (let failures = 0; !signal.aborted && this.#fault?.code !== forked.code; ) {
      const source = sources[failures % sources.length] as BlockSource;
      const followed = await this.#next(source, signal);
      failures = followed === null ? failures + 1 : 0;
      if (followed === true) continue;
      // Every address is tried once before the wait grows.
      const backoffMs = firstBackoffMs * 2 ** Math.floor(Math.max(0, failures - 1) / sources.length);
      await clock.sleep(Math.min(backoffMs, lastBackoffMs), signal).catch(() => {});
    }
  }

  /** Whether there was a block; null where it failed. */
  async #next(source: BlockSource, signal: AbortSignal): Promise<boolean | null> {
    const { log, view } = this.#options;
    // Until vm and ledger are together there is nothing to go on from.
    if (view.head === null) return false;
    try {
      const followed = await this.#follower.next(source, signal);
      if (this.#fault !== null) log.info('the node that is followed can be believed again');
      this.#fault = null;
      return followed;
    } catch (error) {
      if (!signal.aborted) await this.#tell(error);
      return null;
    }
  }

  async #tell(error: unknown): Promise<void> {
    const { log, store, view } = this.#options;
    if (error instanceof LogForked) {
      await store.keepEvidence(error.notes);
      this.#accuse(forked);
    } else if (error instanceof PeerFault) {
      this.#accuse({ code: error.code, text: `the node that is followed: ${error.message}` });
    } else {
      log.debug({ err: error, height: view.head?.height }, 'the next block could not be fetched');
    }
  }

  #accuse(fault: Fault): void {
    if (fault.text !== this.#fault?.text) this.#options.log.warn(fault.text);
    this.#fault = fault;
  }
}
