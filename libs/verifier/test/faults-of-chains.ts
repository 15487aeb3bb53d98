/** Faults of anchors on a chain: one case for each code; chain-anchor.test.ts has the others. */
import type { ChainAnchor } from '@lucid/session-format';
import { buildChainBlock } from './chain-block.ts';
import { type Case, records, sections, session, sessionId } from './fault-fixtures.ts';
import { anchorBytes, anchorOf, batchAnchor, callOf, registrationOf, singleAnchor } from './sample-chain.ts';
import { assemble, sampleManifest } from './sample-session.ts';

const manifest = sampleManifest(session);
const own = registrationOf(manifest);

const bundleOf = (anchor: ChainAnchor): Uint8Array =>
  assemble(sessionId, { records, sections: { ...sections, ANCH: anchorBytes(anchor) } });
const singleWith = (changes: Partial<ChainAnchor>) => async (): Promise<Uint8Array> =>
  bundleOf({ ...(await singleAnchor(session, manifest)), ...changes });

export const chainCases: readonly Case[] = [
  {
    what: 'the receipt of another transaction',
    code: 'anchor_receipt_wrong',
    bytes: singleWith({ transactionIndex: 3 }),
    first: true,
  },
  {
    what: 'another chain than that of the transaction',
    code: 'anchor_transaction_wrong',
    bytes: singleWith({ chainId: 1 }),
    first: true,
  },
  {
    what: 'an event that the receipt does not have',
    code: 'anchor_event_wrong',
    bytes: singleWith({ logIndex: 1 }),
    first: true,
  },
  {
    what: 'a second registration, which the contract refused',
    code: 'anchor_transaction_failed',
    bytes: async () =>
      bundleOf(await anchorOf(session, await buildChainBlock([callOf(own), callOf(own)]), 1)),
    first: true,
  },
  {
    what: 'another place in the batch',
    code: 'anchor_batch_wrong',
    bytes: async () => {
      const anchor = await batchAnchor(session, manifest);
      return bundleOf({ ...anchor, batch: { ...anchor.batch!, index: 4 } });
    },
    first: true,
  },
];
