import type { apiServerContract } from '@lucid/contracts';
import { accountOf, type Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { decodeCursor, encodeCursor, isText } from '../domain/cursor.ts';
import { onBehalf } from '../domain/on-behalf.ts';
import { appUser } from '../domain/resources.ts';
import { LIMITS } from '../limits.ts';

type UserHandlers = Pick<Handlers<typeof apiServerContract, Context>, 'getOwnUser' | 'listUsers' | 'getUser'>;

export const userHandlers: UserHandlers = {
  getOwnUser: async (_input, call, { users }) =>
    appUser(await onBehalf(call, 'authentication', (options) => users.getOwnUser({}, options))),

  async listUsers({ query: { limit = LIMITS.defaultPageItems, after, ...filters } }, call, { users }) {
    const list = { list: 'users', address: accountOf(call).address, ...filters };
    const start = after === undefined ? {} : { after: decodeCursor(list, after, isText) };
    const query = { ...filters, limit, ...start };
    const page = await onBehalf(call, 'authentication', (options) => users.listUsers({ query }, options));
    return {
      items: page.users.map(appUser),
      ...(page.next === undefined ? {} : { next: encodeCursor(list, page.next) }),
    };
  },

  getUser: async ({ params }, call, { users }) =>
    appUser(await onBehalf(call, 'authentication', (options) => users.getUser({ params }, options))),
};
