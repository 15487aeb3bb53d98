import type { authenticationContract } from '@lucid/contracts';
import { isDocumentStoreError } from '@lucid/document-store';
import type { Call, Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { userAnswer } from '../domain/answers.ts';
import { problem } from '../problem.ts';
import { accountOf } from './own-account.ts';

type AdministrationOperations = Pick<
  Handlers<typeof authenticationContract, Context>,
  | 'listUsers'
  | 'getUser'
  | 'inviteUser'
  | 'putUserStatus'
  | 'putUserRole'
  | 'resetUserTotp'
  | 'rotateKeys'
  | 'listAudit'
  | 'getAuditHead'
  | 'verifyAudit'
  | 'createFirstAdmin'
>;

const AUDIT_PAGE = 100;

const callerName = ({ account, caller }: Call): string => account?.address ?? caller;

export const administrationHandlers: AdministrationOperations = {
  listUsers: async ({ query }, _call, { users }) => {
    const { items, next } = await users.list(query);
    return { users: items.map(({ document }) => userAnswer(document)), ...(next === null ? {} : { next }) };
  },

  getUser: async ({ params }, _call, { users }) => userAnswer(await users.find(params.address)),

  inviteUser: async ({ body }, call, { users }) => userAnswer(await users.invite(accountOf(call), body)),

  putUserStatus: async ({ params, body }, call, { users }) =>
    userAnswer(await users.setStatus(accountOf(call), params.address, body.status)),

  putUserRole: async ({ params, body }, call, { users }) =>
    userAnswer(await users.setRole(accountOf(call), params.address, body.role)),

  resetUserTotp: ({ params }, call, { authenticators }) =>
    authenticators.reset(params.address, accountOf(call).address),

  rotateKeys: async (_input, call, { rotation }) => {
    const { kid, signsFromMs } = await rotation.rotate(callerName(call));
    return { kid, signsFrom: Math.ceil(signsFromMs / 1000) };
  },

  listAudit: async ({ query: { limit = AUDIT_PAGE, after, about } }, _call, { tables }) => {
    const range = about === undefined ? { index: 'key' } : { index: 'about', equals: [about] };
    try {
      const page = await tables.audit.find({ ...range, reverse: true, limit, ...(after ? { after } : {}) });
      const entries = page.items.map(({ document: { about, detail, ...row } }) => ({
        ...row,
        ...(about === undefined ? {} : { about }),
        ...(detail === undefined ? {} : { detail: { ...detail } }),
      }));
      return { entries, ...(page.next === null ? {} : { next: page.next }) };
    } catch (cause) {
      if (!isDocumentStoreError(cause, 'invalid_query')) throw cause;
      throw problem('invalid_request', { detail: '`after` is not of a page of this list.', cause });
    }
  },

  getAuditHead: (_input, _call, { anchoring }) => anchoring.head(),

  verifyAudit: async (_input, call, { audit, anchoring }) => {
    const { fault } = await audit.verify(call.signal);
    const firstFault = fault ?? (await anchoring.contradiction());
    const head = await anchoring.head();
    return { sound: firstFault === null, head, ...(firstFault === null ? {} : { firstFault }) };
  },

  createFirstAdmin: (_input, call, { registration }) => registration.makeCode(callerName(call)),
};
