/**
 * Takes block after block from a node that makes them. A block counts when its header is in that node's signed log, the log contains
 * all that was seen of it, and executing the block here gives every root that its header states.
 */
import { equalBytes } from '@lucid/bytes';
import { decodeRlp, encodeRlp, integerToBytes } from '@lucid/eth-proof';
import { PeerFault } from './error.ts';
import type { LogWitness } from './log-witness.ts';
import type { PeerBlock } from './peer-messages.ts';

/** A node that makes blocks. Rejects with what its transport fails with, or with a PeerFault. */
export interface BlockSource {
  /** Null where it is not there yet (the source may wait for it a while), and for block 0 where only its header is kept. */
  block(height: number, signal: AbortSignal): Promise<PeerBlock | null>;
  consistency(first: number, second: number, signal: AbortSignal): Promise<readonly Uint8Array[]>;
}

/** The chain here. */
export interface FollowedChain {
  /** Height of the newest block. */
  height(): number;
  /** Whether it began with the block of this header, RLP. */
  beganWith(header: Uint8Array): Promise<boolean>;
  /** Executes and keeps the next block. 'invalid' where it breaks a rule; rejects where that cannot be said now. */
  importBlock(height: number, blockRlp: Uint8Array): Promise<'kept' | 'invalid'>;
}

export interface FollowerOptions {
  readonly witness: LogWitness;
  readonly chain: FollowedChain;
}

/** What was heard of the other's chain. */
export interface Heard {
  /** Of the block that was told. */
  readonly height: number;
  /** Of its newest block: what it says, where its signed log has room for that many headers. */
  readonly highest: number;
}

/** Where a header has the number of its block, in every fork. */
const numberPlace = 8;

/** The header's own encoding, which is the entry of the log, and whether it is that of the block at a height. */
function headerOf(blockRlp: Uint8Array, height: number): { header: Uint8Array; isThatOne: boolean } {
  try {
    const items = decodeRlp(blockRlp, 'block');
    const header = items instanceof Uint8Array ? undefined : items[0];
    if (header !== undefined) {
      const number = header[numberPlace];
      const isThatOne = number instanceof Uint8Array && equalBytes(number, integerToBytes(BigInt(height)));
      return { header: encodeRlp(header), isThatOne };
    }
  } catch (cause) {
    throw new PeerFault('peer_malformed', 'the block is no RLP', { cause });
  }
  throw new PeerFault('peer_malformed', 'a block begins with its header');
}

export class Follower {
  readonly #options: FollowerOptions;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** Asks how far the other's chain goes, and whether it is this one; null where its first block is not kept. @throws as `next` */
  async meet(source: BlockSource, signal: AbortSignal): Promise<Heard | null> {
    const offered = await source.block(0, signal);
    if (offered === null) return null;
    const { header, heard } = await this.#admit(source, { height: 0, offered }, signal);
    if (await this.#options.chain.beganWith(header)) return heard;
    throw new PeerFault('peer_other_chain');
  }

  /** Takes the next block; null where the source has none yet. @throws PeerFault, what the source and the chain throw */
  async next(source: BlockSource, signal: AbortSignal): Promise<Heard | null> {
    const { chain } = this.#options;
    const height = chain.height() + 1;
    const offered = await source.block(height, signal);
    if (offered === null) return null;
    const { heard } = await this.#admit(source, { height, offered }, signal);
    if ((await chain.importBlock(height, offered.block)) === 'invalid')
      throw new PeerFault('peer_block_invalid', `block ${height}`);
    return heard;
  }

  async #admit(
    source: BlockSource,
    { height, offered }: { readonly height: number; readonly offered: PeerBlock },
    signal: AbortSignal,
  ): Promise<{ header: Uint8Array; heard: Heard }> {
    const { block, index, inclusion, checkpoint, head } = offered;
    const { header, isThatOne } = headerOf(block, height);
    const size = await this.#options.witness.admit(
      { entry: header, index, inclusion, checkpoint },
      (first, second) => source.consistency(first, second, signal),
    );
    // Who has no key may still show another header of the same log.
    if (!isThatOne) throw new PeerFault('peer_block_invalid', `it is not block ${height}`);
    // Each block further on has a header further on in the log.
    const highest = Math.max(height, Math.min(head, height + size - 1 - index));
    return { header, heard: { height, highest } };
  }
}
