/** The wrapped keys of each session (docs/evidence-format.md section 4). */
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

export interface WrapRow {
  recipient: string;
  label?: string;
  /** Base64 of an age file. */
  age: string;
}

export interface RecipientsRow {
  sessionId: string;
  wraps: WrapRow[];
}

const definition = defineCollection<RecipientsRow>({
  name: 'encryptor-recipients',
  key: (row) => row.sessionId,
  indexes: [],
});

export type RecipientStore = Collection<RecipientsRow>;

export const openRecipientStore = (documents: DocumentStore): Promise<RecipientStore> =>
  documents.collection(definition);
