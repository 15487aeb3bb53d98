import { type AnchorStatus, onSystemChainClientContract } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Lucid } from './lucid.ts';

export type Anchoring = Static<typeof AnchorStatus>;

/** How far the anchor of a session is; null where it was never handed in, or cannot be asked now. */
export const anchoringOf = (lucid: Pick<Lucid, 'clientOf'>, sessionId: string): Promise<Anchoring | null> =>
  lucid
    .clientOf(onSystemChainClientContract)
    .getAnchor({ params: { sessionId } })
    .catch(() => null);
