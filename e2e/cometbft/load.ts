/** Transactions of several senders, sent to nodes that may die, until blocks hold them all. */
import { addresses, lucidAnchors } from '@lucid/chain-contracts';
import { encodeFunctionData, type Hex, hexToBytes, keccak256, toHex } from 'viem';
import { accountOf, chainId, gwei } from '../../apps/on-system-chain/test/chain-stack.ts';
import type { Seeded } from '../stack/seeded.ts';
import { until } from '../stack/until.ts';
import type { CometNetwork } from './network.ts';
import type { Replica } from './replica.ts';

export const SENDERS = 6;
const fees = { maxFeePerGas: 100n * gwei, maxPriorityFeePerGas: 0n };

export class Load {
  readonly #random: Seeded;
  readonly #nonces = Array.from({ length: SENDERS }, () => 0);
  #sessions = 0;

  constructor(random: Seeded) {
    this.#random = random;
  }

  get sessions(): number {
    return this.#sessions;
  }

  /** A transfer, or the registration of a session. */
  async next(): Promise<Uint8Array> {
    const sender = this.#random.below(SENDERS);
    const nonce = this.#nonces[sender]!++;
    const common = { type: 'eip1559', chainId, nonce, ...fees } as const;
    if (this.#random.below(2) === 0) {
      const to = toHex(0x9000 + this.#random.below(100), { size: 20 });
      return this.#sign(sender, { ...common, to, gas: 21_000n, value: BigInt(this.#random.below(1000)) });
    }
    const word = (value: number) => toHex(value, { size: 32 });
    const id = ++this.#sessions;
    const data = encodeFunctionData({
      abi: lucidAnchors.abi,
      functionName: 'registerSession',
      args: [word(id), word(2), 1_700_000_000n, accountOf(sender).address, word(3), 4],
    });
    return this.#sign(sender, { ...common, to: addresses.lucidAnchors, gas: 120_000n, data });
  }

  async #sign(
    sender: number,
    fields: Parameters<ReturnType<typeof accountOf>['signTransaction']>[0],
  ): Promise<Uint8Array> {
    return hexToBytes(await accountOf(sender).signTransaction(fields));
  }

  async many(count: number): Promise<Uint8Array[]> {
    const raws: Uint8Array[] = [];
    for (let at = 0; at < count; at++) raws.push(await this.next());
    return raws;
  }
}

export interface Delivery {
  readonly network: CometNetwork;
  readonly replica: Replica;
  readonly random: Seeded;
}

/** Polls after which what no block holds is sent anew. */
const POLLS_BETWEEN_SENDINGS = 20;

/**
 * Sends each to some living node, and again while no block holds it: a mempool dies with its node. Settles when the replica, which follows
 * the blocks of a living node, has seen all.
 */
export async function deliver(
  raws: readonly Uint8Array[],
  { network, replica, random }: Delivery,
): Promise<void> {
  const missing = new Map(raws.map((raw) => [keccak256(raw) as Hex, raw]));
  let polls = 0;
  await until(
    `${raws.length} transactions in blocks`,
    async () => {
      if (polls++ % POLLS_BETWEEN_SENDINGS === 0)
        // A node that was killed refuses the connection; the transaction goes to another next time.
        for (const raw of missing.values())
          await random
            .pick(network.alive)
            .send(raw)
            .catch(() => undefined);
      await replica.follow(random.pick(network.alive));
      for (const hash of replica.included.keys()) missing.delete(hash);
      return missing.size === 0 || replica.fault !== null;
    },
    120_000,
  );
  if (replica.fault !== null) throw replica.fault;
}
