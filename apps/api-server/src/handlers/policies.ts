import { bytesToUtf8 } from '@lucid/bytes';
import type { apiServerContract } from '@lucid/contracts';
import { checkPolicy, encodePolicy } from '@lucid/control-policy';
import { accountOf, type Call, type Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { decodeCursor, encodeCursor, isText } from '../domain/cursor.ts';
import { assertReaches, onBehalf } from '../domain/on-behalf.ts';
import { appPolicy, type TrustPolicy } from '../domain/resources.ts';
import { LIMITS } from '../limits.ts';
import { problem } from '../problem.ts';

type PolicyHandlers = Pick<
  Handlers<typeof apiServerContract, Context>,
  'listPolicies' | 'getPolicy' | 'storePolicy' | 'deletePolicy' | 'checkPolicy'
>;

async function policiesOf(call: Call, { sessions }: Context): Promise<TrustPolicy[]> {
  const { policies } = await onBehalf(call, 'session-api', (options) => sessions.listPolicies({}, options));
  return policies.sort((a, b) => (a.policyHash < b.policyHash ? -1 : 1));
}

export const policyHandlers: PolicyHandlers = {
  async listPolicies({ query: { limit = LIMITS.defaultPageItems, after, title, owned } }, call, context) {
    const list = { list: 'policies', address: accountOf(call).address, title, owned };
    const start = after === undefined ? '' : decodeCursor(list, after, isText);
    const wanted = (await policiesOf(call, context)).filter(
      ({ name, owner, policyHash }) =>
        policyHash > start &&
        (owned === undefined || (owner !== undefined) === owned) &&
        (title === undefined || name.toLowerCase().includes(title.toLowerCase())),
    );
    const page = wanted.slice(0, limit);
    const last = page.at(-1);
    return {
      items: page.map(appPolicy),
      ...(last && wanted.length > limit ? { next: encodeCursor(list, last.policyHash) } : {}),
    };
  },

  async getPolicy({ params }, call, context) {
    const found = (await policiesOf(call, context)).find((each) => each.policyHash === params.policyHash);
    if (!found) throw problem('policy_unknown');
    return appPolicy(found);
  },

  storePolicy(input, call, { sessions, keyed }) {
    assertReaches(call, 'session-api');
    return keyed.once({ operation: 'storePolicy', input }, call, async () =>
      appPolicy(
        await onBehalf(call, 'session-api', (options) => sessions.storePolicy({ body: input.body }, options)),
      ),
    );
  },

  deletePolicy: ({ params }, call, { sessions }) =>
    onBehalf(call, 'session-api', (options) => sessions.deletePolicy({ params }, options)),

  checkPolicy({ body }) {
    const judged = checkPolicy(body.policy);
    if (!judged.ok) return { sound: false, detail: judged.detail };
    const canonical = bytesToUtf8(encodePolicy(judged.value));
    return { sound: true, policyHash: judged.value.hash, canonical };
  },
};
