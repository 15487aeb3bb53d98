import type { EventPlace } from '@lucid/chain-index';
import type { ChainPlace } from '@lucid/contracts';
import type { Static } from 'typebox';

export const toChainPlace = ({
  height,
  timestampSec,
  transactionHash,
}: EventPlace): Static<typeof ChainPlace> => ({ height, timestampSec, transactionHash });
