/** What was handed in to be brought to the chain: written before it is signed or sent, and kept. */
import type { Hex } from '@lucid/chain-client';
import type { Relay } from '@lucid/contracts';
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';
import type { Static } from 'typebox';

/** `raw` where its sender pays, `call` where this service does; one of them. */
export interface RelayDocument extends Static<typeof Relay> {
  /** Signed by its sender. */
  readonly raw: Hex | null;
  readonly nonce: number | null;
  readonly call: { readonly to: Hex; readonly data: Hex; readonly gas: number } | null;
  /** From 1; each is a transaction of its own. */
  readonly attempt: number;
  readonly createdAtMs: number;
}

const relays = defineCollection<RelayDocument>({
  name: 'governance-relays',
  key: ({ relayId }) => relayId,
  indexes: [
    { name: 'byState', fields: ['state', 'createdAtMs'] },
    { name: 'bySigner', fields: ['by', 'state', 'createdAtMs'] },
  ],
});

export type RelayStore = Collection<RelayDocument>;

export const openRelayStore = (documents: DocumentStore): Promise<RelayStore> => documents.collection(relays);
