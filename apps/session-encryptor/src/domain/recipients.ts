/** Who can open a session: grants and revocations touch the recipients document alone (docs/evidence-format.md section 4). */
import { base64ToBytes } from '@lucid/bytes';
import type { InputOf, OutputOf, sessionEncryptorContract } from '@lucid/contracts';
import { isDocumentStoreError } from '@lucid/document-store';
import { isAgeFile, isRecipient } from '@lucid/recipients';
import type { RecipientStore, RecipientsRow, WrapRow } from '../store/recipient-store.ts';
import { problem, storing } from './problems.ts';

type Operations = (typeof sessionEncryptorContract)['operations'];
export type RecipientsDocument = OutputOf<Operations['getRecipients']>;
type Grant = InputOf<Operations['grantRecipient']>['body'];

/** Far above any real number of readers; bounds the document. */
const MAX_RECIPIENTS = 256;
/** Several people may grant at once; each tries again on what the other left. */
const MAX_ATTEMPTS = 8;

const recipientsDocument = (row: RecipientsRow): RecipientsDocument => ({
  format: 'lucid-recipients/1',
  sessionId: row.sessionId,
  wraps: row.wraps,
});

export async function getRecipients(store: RecipientStore, sessionId: string): Promise<RecipientsDocument> {
  const found = await storing(store.get(sessionId));
  if (!found) throw problem('session_unknown');
  return recipientsDocument(found.document);
}

/** Adds a wrap, or replaces the one of the same recipient. That it holds the right key shows when it is opened. */
export function grantRecipient(
  store: RecipientStore,
  sessionId: string,
  grant: Grant,
): Promise<RecipientsDocument> {
  assertGrant(grant);
  return change(store, sessionId, (wraps) => {
    const others = wraps.filter((each) => each.recipient !== grant.recipient);
    if (others.length >= MAX_RECIPIENTS)
      throw problem('invalid_request', { detail: `A session has at most ${MAX_RECIPIENTS} recipients.` });
    return [...others, grant];
  });
}

export const revokeRecipient = (
  store: RecipientStore,
  sessionId: string,
  recipient: string,
): Promise<RecipientsDocument> =>
  change(store, sessionId, (wraps) => {
    const rest = wraps.filter((each) => each.recipient !== recipient);
    if (rest.length === wraps.length) throw problem('recipient_unknown');
    if (rest.length === 0) throw problem('last_recipient');
    return rest;
  });

function assertGrant({ recipient, age }: Grant): void {
  if (!isRecipient(recipient))
    throw problem('invalid_request', { detail: 'recipient is not an age recipient.' });
  let file: Uint8Array;
  try {
    file = base64ToBytes(age);
  } catch (error) {
    throw problem('invalid_request', { detail: 'age is not base64.', cause: error });
  }
  if (!isAgeFile(file)) throw problem('invalid_request', { detail: 'age does not hold an age file.' });
}

async function change(
  store: RecipientStore,
  sessionId: string,
  edit: (wraps: readonly WrapRow[]) => WrapRow[],
): Promise<RecipientsDocument> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await storing(store.get(sessionId));
    if (!found) throw problem('session_unknown');
    const row = { sessionId, wraps: edit(found.document.wraps) };
    try {
      await store.replace(row, found.version);
      return recipientsDocument(row);
    } catch (error) {
      const raced = isDocumentStoreError(error, 'version_conflict') && attempt < MAX_ATTEMPTS;
      if (!raced) throw await storing(Promise.reject(error));
    }
  }
}
