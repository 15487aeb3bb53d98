/**
 * The same chain without CometBFT: each block is imported, its roots computed anew, and made once more by the proposal of a single producer
 * (time, coinbase, transactions). Both must give the block's own hash.
 */
import { RLP } from '@ethereumjs/rlp';
import { bytesToHex, type ChainApplication, type Hex, openChainApplication } from '@lucid/chain-application';
import { createMemoryKvStore } from '@lucid/kv-store';
import { keccak256 } from 'viem';
import type { CometNode } from './node.ts';

/** Items of a header, by their place. */
const COINBASE = 2;
const TIME = 11;

/** Keccak-256 of its header. */
export const hashOfBlock = (blockRlp: Uint8Array): Hex =>
  keccak256(RLP.encode((RLP.decode(blockRlp) as Uint8Array[][])[0]!));

export class Replica {
  readonly #imported: ChainApplication;
  readonly #made: ChainApplication;
  /** Hash and status of each transaction that a block holds. */
  readonly included = new Map<Hex, number | undefined>();
  /** Hashes of blocks, by their height. */
  readonly hashes: Hex[] = [];
  /** Topics of all logs. */
  readonly topics: Hex[] = [];

  private constructor(imported: ChainApplication, made: ChainApplication) {
    this.#imported = imported;
    this.#made = made;
    this.hashes.push(imported.info().genesisHash);
  }

  static async open(genesis: unknown): Promise<Replica> {
    const open = () => openChainApplication({ genesis, store: createMemoryKvStore() });
    return new Replica(await open(), await open());
  }

  get height(): number {
    return this.hashes.length - 1;
  }

  /** A block that is not the same here. */
  fault: unknown = null;

  async #take(blockRlp: Uint8Array): Promise<void> {
    const imported = await this.#imported.importBlock(blockRlp);
    await this.#imported.commit();
    const [header, transactions] = RLP.decode(blockRlp) as [Uint8Array[], Uint8Array[]];
    const made = await this.#made.finalizeBlock({
      height: imported.height,
      timestampSec: Number(bytesToHex(header[TIME]!)),
      proposer: bytesToHex(header[COINBASE]!),
      transactions,
    });
    await this.#made.commit();
    if (made.blockHash !== imported.blockHash || made.leftOut.length > 0)
      throw new Error(`block ${made.height} is made as ${made.blockHash}, and was ${imported.blockHash}`);
    this.hashes.push(imported.blockHash);
    for (const { hash, status, logs } of imported.results) {
      if (this.included.has(hash)) throw new Error(`${hash} is in two blocks`);
      this.included.set(hash, status);
      this.topics.push(...logs.flatMap((log) => log.topics));
    }
  }

  /** All blocks that the node has. */
  async follow(node: CometNode): Promise<void> {
    const { height } = await node.head();
    while (this.height < height) {
      const block = await node.block(this.height + 1);
      if (block === null) throw new Error(`a node has no block ${this.height + 1}`);
      await this.#take(block).catch((error: unknown) => {
        this.fault = error;
        throw error;
      });
    }
  }
}
