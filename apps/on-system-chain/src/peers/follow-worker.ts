/**
 * Follows the chain of another node: takes its blocks as they are made, by one of its addresses after the other where one fails. What is wrong with
 * an answer is told and asked for again, later and elsewhere; two contradicting signatures of the other end the following for good.
 */
import {
  type BlockSource,
  type FollowedChain,
  Follower,
  type Heard,
  LogForked,
  LogWitness,
  PeerFault,
  type PeerFaultCode,
} from '@lucid/chain-follower';
import { type Clock, isProblem, type Log, type Worker } from '@lucid/service-kit';
import type { ChainView } from '../chain/chain-view.ts';
import type { Fault } from '../chain/clock-judge.ts';
import type { Driver, Progress } from '../chain/driver.ts';
import { hashOf } from '../formats/keccak.ts';
import type { FollowerStore } from './witness-store.ts';

const firstBackoffMs = 1_000;
const lastBackoffMs = 60_000;

/** How it goes with the node that is followed. */
export type Following =
  /** It answers: the newest block here, and there. */
  | { readonly state: 'heard'; readonly height: number; readonly highest: number }
  /** It does not; it is asked again. */
  | { readonly state: 'away'; readonly reason: string }
  /** What it says is not believed; `forked` for ever, all else until it says something better. */
  | { readonly state: 'refused'; readonly code: PeerFaultCode; readonly text: string };

export interface FollowWorkerOptions {
  readonly driver: Pick<Driver, 'importBlock'>;
  readonly view: Pick<ChainView, 'head' | 'heightOf'>;
  /** Addresses of the one node that is followed; at least one. */
  readonly sources: readonly BlockSource[];
  readonly verifierKey: string;
  readonly store: FollowerStore;
  readonly clock: Clock;
  readonly log: Log;
  /** Told each time that something was heard, or was not. */
  readonly onFollowing?: (following: Following) => void;
}

const forked = {
  code: 'peer_forked',
  text: 'the node that is followed signed two different logs; the proof is kept in the folder `peers` of CHAIN_DATA_DIR. Ask who runs it; to follow again, move that folder away',
} as const;

const chainOf = ({ driver, view }: FollowWorkerOptions): FollowedChain => ({
  height: () => view.head?.height ?? 0,
  beganWith: async (header) => (await view.heightOf(hashOf(header))) === 0,
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
  /** False until it was seen, since it last failed, that the other's chain is this one. */
  #hasMet = false;
  #progress: Progress | null = null;

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

  /** Null where no block is known of that is not here. */
  get progress(): Progress | null {
    return this.#progress;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { sources, store, clock } = this.#options;
    if ((await store.evidence()) !== null) this.#refuse(forked);
    let at = 0;
    for (let failures = 0; !signal.aborted && this.#fault?.code !== forked.code; ) {
      const followed = await this.#next(sources[at % sources.length] as BlockSource, signal);
      // Who answered is asked again.
      if (followed === null) at += 1;
      failures = followed === null ? failures + 1 : 0;
      if (followed === true) continue;
      // Every address is tried once before the wait grows.
      const backoffMs = firstBackoffMs * 2 ** Math.floor(Math.max(0, failures - 1) / sources.length);
      await clock.sleep(Math.min(backoffMs, lastBackoffMs), signal).catch(() => {});
    }
  }

  /** Whether there was a block, or something to go on with; null where it failed. */
  async #next(source: BlockSource, signal: AbortSignal): Promise<boolean | null> {
    const { log, view } = this.#options;
    // Until vm and ledger are together there is nothing to go on from.
    if (view.head === null) return false;
    try {
      const heard = await this.#hear(source, signal);
      if (this.#fault !== null) log.info('the node that is followed can be believed again');
      this.#fault = null;
      this.#note(heard?.highest ?? view.head.height);
      return heard !== null;
    } catch (error) {
      this.#hasMet = false;
      if (!signal.aborted) await this.#tell(error);
      return null;
    }
  }

  async #hear(source: BlockSource, signal: AbortSignal): Promise<Heard | null> {
    if (!this.#hasMet) {
      const met = await this.#follower.meet(source, signal);
      this.#hasMet = true;
      // Only a next block, or that there is none, ends what is wrong: else who offers a bad one is asked each second.
      if (met !== null && this.#fault === null) this.#note(met.highest);
    }
    return this.#follower.next(source, signal);
  }

  #note(highest: number): void {
    const height = this.#options.view.head?.height ?? 0;
    this.#progress =
      highest > height ? { starting: this.#progress?.starting ?? height, current: height, highest } : null;
    this.#options.onFollowing?.({ state: 'heard', height, highest: Math.max(highest, height) });
  }

  async #tell(error: unknown): Promise<void> {
    const { log, store, view, onFollowing } = this.#options;
    if (error instanceof LogForked) {
      await store.keepEvidence(error.notes);
      this.#refuse(forked);
    } else if (error instanceof PeerFault) {
      this.#refuse({ code: error.code, text: `the node that is followed: ${error.message}` });
    } else {
      log.debug({ err: error, height: view.head?.height }, 'the next block could not be fetched');
      onFollowing?.({ state: 'away', reason: error instanceof Error ? error.message : 'it failed' });
    }
  }

  #refuse(fault: { readonly code: PeerFaultCode; readonly text: string }): void {
    const { log, onFollowing } = this.#options;
    if (fault.text !== this.#fault?.text) log.warn(fault.text);
    this.#fault = fault;
    onFollowing?.({ state: 'refused', ...fault });
  }
}
