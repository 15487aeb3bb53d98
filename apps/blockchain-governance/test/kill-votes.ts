import type { VoteType } from '@lucid/chain-contracts';
import type { Hex } from 'viem';

/** What the killed process hands in, signed beforehand. */
export interface HandedVotes {
  readonly proposalId: string;
  readonly votes: readonly { readonly voter: Hex; readonly support: VoteType; readonly signature: Hex }[];
}
