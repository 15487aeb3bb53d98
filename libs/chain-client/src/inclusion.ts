/** Where in the chain an intent is. */
import type { Hex } from 'viem';
import type { ChainRpc } from './json-rpc.ts';
import type { InFlight } from './outbox.ts';
import type { ChainReceipt } from './shapes.ts';

/** What the chain says of an intent in flight. */
export type Seen =
  | { readonly state: 'pending' }
  | {
      readonly state: 'included';
      readonly receipt: ChainReceipt;
      readonly confirmations: number;
      readonly isFinal: boolean;
    }
  | { readonly state: 'displaced' };

export interface Depth {
  readonly confirmations: number;
  readonly isFinal: boolean;
}

export class Inclusion {
  readonly #rpc: ChainRpc;
  readonly #address: Hex;
  readonly #confirmations: number;

  /** `confirmations`: blocks from the transaction's to the newest, both counted, that make it final. */
  constructor(rpc: ChainRpc, { address, confirmations }: { address: Hex; confirmations: number }) {
    this.#rpc = rpc;
    this.#address = address;
    this.#confirmations = confirmations;
  }

  async depthOf({ blockNumber }: ChainReceipt): Promise<Depth> {
    const head = await this.#rpc.blockNumber();
    const confirmations = head < blockNumber ? 0 : Number(head - blockNumber) + 1;
    return { confirmations, isFinal: confirmations >= this.#confirmations };
  }

  async look(entry: InFlight): Promise<Seen> {
    const { nonce } = entry;
    if ((await this.#rpc.transactionCount(this.#address, 'latest')) <= nonce) return { state: 'pending' };
    const found = await this.#included(entry);
    if (found) return found;
    const head = await this.#rpc.blockNumber();
    const final = head - BigInt(this.#confirmations - 1);
    const used = final < 0n ? 0 : await this.#rpc.transactionCount(this.#address, final);
    if (used <= nonce) return { state: 'pending' };
    // The nonce was used in a final block: receipts that were not there a moment ago are there now, or it was no byte of ours.
    return (await this.#included(entry)) ?? { state: 'displaced' };
  }

  async #included({ attempts }: InFlight): Promise<Seen | null> {
    for (const { hash } of [...attempts].reverse()) {
      const receipt = await this.#rpc.receipt(hash);
      if (receipt !== null) return { state: 'included', receipt, ...(await this.depthOf(receipt)) };
    }
    return null;
  }
}
