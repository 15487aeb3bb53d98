import type { sessionEncryptorContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { EncryptorContext } from '../context.ts';
import { deleteSession } from '../domain/delete-session.ts';
import { openSession } from '../domain/open-session.ts';

type All = Handlers<typeof sessionEncryptorContract, EncryptorContext>;

export const sessionHandlers: Pick<All, 'openSession' | 'recordsHead' | 'forgetKey' | 'deleteSession'> = {
  openSession: ({ params: { sessionId }, body }, call, context) =>
    context.queue.run(sessionId, () => openSession(context, { sessionId, body }, call)),

  recordsHead: ({ params: { sessionId } }, call, context) =>
    context.queue.run(sessionId, async () => {
      const log = await context.logs.open(sessionId);
      await log.acknowledge(call);
      return { ...log.counts(), keyHeld: context.vault.has(sessionId) };
    }),

  forgetKey: ({ params: { sessionId } }, _call, context) =>
    context.queue.run(sessionId, async () => {
      context.vault.wipe(sessionId);
      const { closed } = await context.logs.open(sessionId);
      return closed ? { closed } : {};
    }),

  deleteSession: ({ params: { sessionId } }, _call, context) =>
    context.queue.run(sessionId, () => deleteSession(context, sessionId)),
};
