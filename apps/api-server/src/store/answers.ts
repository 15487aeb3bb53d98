/** What was answered under idempotency keys, one row a key of an account, changed by compare-and-set only. */
import { type Collection, type DocumentStore, defineCollection } from '@lucid/document-store';

export interface AnswerRow {
  readonly account: string;
  readonly idempotencyKey: string;
  /** SHA-256 of operation and input. */
  readonly fingerprint: string;
  /** Until then whoever wrote the row works on it; afterwards it is taken to have died. */
  readonly heldUntilMs: number;
  /** `Outcome` as JSON; absent while the request is under way. */
  readonly outcome?: string | undefined;
  readonly expiresAtMs: number;
}

const answers = defineCollection<AnswerRow>({
  name: 'app-answers',
  key: ({ account, idempotencyKey }) => `${account} ${idempotencyKey}`,
  indexes: [],
  expiresAt: 'expiresAtMs',
});

export const openAnswers = (documents: DocumentStore): Promise<Collection<AnswerRow>> =>
  documents.collection(answers);
