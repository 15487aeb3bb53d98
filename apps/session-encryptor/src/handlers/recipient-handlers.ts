import type { sessionEncryptorContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { EncryptorContext } from '../context.ts';
import { getRecipients, grantRecipient, revokeRecipient } from '../domain/recipients.ts';

type All = Handlers<typeof sessionEncryptorContract, EncryptorContext>;

export const recipientHandlers: Pick<All, 'getRecipients' | 'grantRecipient' | 'revokeRecipient'> = {
  getRecipients: ({ params }, _call, { recipients }) => getRecipients(recipients, params.sessionId),
  grantRecipient: ({ params, body }, _call, { recipients }) =>
    grantRecipient(recipients, params.sessionId, body),
  revokeRecipient: ({ params }, _call, { recipients }) =>
    revokeRecipient(recipients, params.sessionId, params.recipient),
};
