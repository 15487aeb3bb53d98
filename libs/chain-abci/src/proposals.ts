/**
 * Executes what CometBFT proposes, once: what a proposal's judgement executed is what is finalized, where it is the same proposal.
 *
 * A block is made where there are transactions, or where the slot since the last block is over; else the height leaves the chain as it is.
 * Its time is the proposal's in whole seconds, or the second after its parent's where that is later: CometBFT's clock only
 * moves on, but more than one block may fall into a second.
 */
import { createHash } from 'node:crypto';
import type { BlockProposal, ChainApplication, ExecutedBlock } from '@lucid/chain-application';
import { bytesToHex } from '@lucid/chain-application';

export interface CometProposal {
  readonly height: number;
  readonly time?: { readonly seconds: number } | undefined;
  /** 20 bytes; the coinbase. */
  readonly proposerAddress: Uint8Array;
  readonly txs: readonly Uint8Array[];
}

/** `block` is null where the height makes none. */
export interface Outcome {
  readonly height: number;
  readonly block: ExecutedBlock | null;
}

function keyOf({ height, time, proposerAddress, txs }: CometProposal): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([height, time?.seconds ?? 0, bytesToHex(proposerAddress)]));
  for (const tx of txs) hash.update(createHash('sha256').update(tx).digest());
  return hash.digest('hex');
}

export class Proposals {
  readonly #chain: ChainApplication;
  readonly #slotSec: number;
  #executed: { readonly key: string; readonly outcome: Outcome } | null = null;

  constructor(chain: ChainApplication, slotSec: number) {
    this.#chain = chain;
    this.#slotSec = slotSec;
  }

  /** Leaves the block pending in the chain. */
  async execute(proposal: CometProposal): Promise<Outcome> {
    const key = keyOf(proposal);
    if (this.#executed?.key === key) return this.#executed.outcome;
    await this.forget();
    const outcome = { height: proposal.height, block: await this.#makeBlock(proposal) };
    this.#executed = { key, outcome };
    return outcome;
  }

  async #makeBlock({ time, proposerAddress, txs }: CometProposal): Promise<ExecutedBlock | null> {
    const parent = this.#chain.info();
    const nowSec = time?.seconds ?? 0;
    if (txs.length === 0 && nowSec < parent.timestampSec + this.#slotSec) return null;
    const proposal: BlockProposal = {
      height: parent.height + 1,
      timestampSec: Math.max(nowSec, parent.timestampSec + 1),
      proposer: bytesToHex(proposerAddress),
      transactions: txs,
    };
    return this.#chain.finalizeBlock(proposal);
  }

  /** Counts `outcome` as that of `proposal`, which is the one that was executed without the transactions that its block left out. */
  keepAs(proposal: CometProposal, { height, block }: Outcome): void {
    this.#executed = {
      key: keyOf(proposal),
      outcome: { height, block: block === null ? null : { ...block, leftOut: [] } },
    };
  }

  /** The block that is pending is given up, or was committed. */
  async forget(): Promise<void> {
    this.#executed = null;
    await this.#chain.abandon();
  }
}
