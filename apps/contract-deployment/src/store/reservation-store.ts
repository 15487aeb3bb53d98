/** Who may use an account's next nonces; at most one for an account. */
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

export interface ReservationDocument {
  readonly account: string;
  readonly reservationId: string;
  readonly firstNonce: number;
  readonly count: number;
  readonly expiresAtMs: number;
}

const reservations = defineCollection<ReservationDocument>({
  name: 'deployment-reservations',
  key: ({ account }) => account,
  indexes: [],
});

export type ReservationStore = Collection<ReservationDocument>;

export const openReservationStore = (documents: DocumentStore): Promise<ReservationStore> =>
  documents.collection(reservations);
