/**
 * Takes block after block from a node that makes them. A block counts when its header is in that node's signed log, the log contains
 * all that was seen of it, and executing the block here gives every root that its header states.
 */
import { decodeRlp, encodeRlp } from '@lucid/eth-proof';
import { PeerFault } from './error.ts';
import type { LogWitness } from './log-witness.ts';
import type { PeerBlock } from './peer-messages.ts';

/** A node that makes blocks. Rejects with what its transport fails with, or with a PeerFault. */
export interface BlockSource {
  /** Null where it is not there yet; the source may wait for it a while. */
  block(height: number, signal: AbortSignal): Promise<PeerBlock | null>;
  consistency(first: number, second: number, signal: AbortSignal): Promise<readonly Uint8Array[]>;
}

/** The chain here. */
export interface FollowedChain {
  /** Height of the newest block. */
  height(): number;
  /** Executes and keeps the next block. 'invalid' where it breaks a rule; rejects where that cannot be said now. */
  importBlock(height: number, blockRlp: Uint8Array): Promise<'kept' | 'invalid'>;
}

export interface FollowerOptions {
  readonly witness: LogWitness;
  readonly chain: FollowedChain;
}

/** The header's own encoding, which is the entry of the log. */
function headerOf(blockRlp: Uint8Array): Uint8Array {
  try {
    const items = decodeRlp(blockRlp, 'block');
    if (!(items instanceof Uint8Array) && items[0] !== undefined) return encodeRlp(items[0]);
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

  /** Takes the next block; false where the source has none yet. @throws PeerFault, what the source and the chain throw */
  async next(source: BlockSource, signal: AbortSignal): Promise<boolean> {
    const { witness, chain } = this.#options;
    const height = chain.height() + 1;
    const offered = await source.block(height, signal);
    if (offered === null) return false;
    const { block, index, inclusion, checkpoint } = offered;
    const entry = headerOf(block);
    await witness.admit({ entry, index, inclusion, checkpoint }, (first, second) =>
      source.consistency(first, second, signal),
    );
    if ((await chain.importBlock(height, block)) === 'invalid')
      throw new PeerFault('peer_block_invalid', `block ${height}`);
    return true;
  }
}
