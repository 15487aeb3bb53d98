import type { sessionApiContract } from '@lucid/contracts';
import { RATE_RULES } from '@lucid/rate-limit';
import { accountOf, type Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { assertWithin } from '../domain/limits.ts';
import { statisticsOf, statusOf } from '../domain/status.ts';
import { userSession } from '../domain/view.ts';

type All = Handlers<typeof sessionApiContract, Context>;
type SessionHandlers = Pick<
  All,
  'createSession' | 'listSessions' | 'getSession' | 'getStatus' | 'getStatistics' | 'cleanStorage'
>;

export const sessionHandlers: SessionHandlers = {
  async createSession({ body }, call, { creating, dependencies }) {
    const account = accountOf(call);
    await assertWithin(dependencies.limits, RATE_RULES.session_create, account.address);
    return creating.create(body, account, call);
  },

  listSessions: async ({ query }, call, { listing }) => listing.page(query, accountOf(call)),

  async getSession({ params }, call, { directory }) {
    const found = await directory.find(params.sessionId, accountOf(call));
    return userSession(found, await directory.pipeline(params.sessionId));
  },

  async getStatus({ params }, call, { directory, dependencies }) {
    const account = accountOf(call);
    await assertWithin(dependencies.limits, RATE_RULES.session_status, account.address);
    await directory.find(params.sessionId, account);
    return statusOf(await directory.pipeline(params.sessionId), dependencies);
  },

  async getStatistics({ params }, call, { directory, dependencies, policies }) {
    const account = accountOf(call);
    await assertWithin(dependencies.limits, RATE_RULES.session_status, account.address);
    const { row } = await directory.find(params.sessionId, account);
    const pipeline = await directory.pipeline(params.sessionId);
    return statisticsOf({ row, pipeline, held: policies.held(params.sessionId) }, dependencies);
  },

  async cleanStorage(_input, call, { cleaning, dependencies }) {
    await assertWithin(dependencies.limits, RATE_RULES.bulk_operations, accountOf(call).address);
    return cleaning.clean();
  },
};
