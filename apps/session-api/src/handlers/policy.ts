import type { sessionApiContract } from '@lucid/contracts';
import { type Action, APPROVAL_FORMAT, type Approval, judgeApproval } from '@lucid/control-policy';
import { accountOf, type Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { assertSound, consentsView, roleOf, underPolicy } from '../domain/consenting.ts';
import { nowUs, plainSignature, verifyTron } from '../domain/dependencies.ts';
import { listPolicies, removePolicy, storePolicy } from '../domain/own-policies.ts';
import { problem } from '../problem.ts';

type All = Handlers<typeof sessionApiContract, Context>;
type PolicyHandlers = Pick<
  All,
  | 'getPolicy'
  | 'getConsents'
  | 'putConsent'
  | 'checkPolicy'
  | 'approve'
  | 'listPolicies'
  | 'storePolicy'
  | 'deletePolicy'
>;

export const policyHandlers: PolicyHandlers = {
  async getPolicy({ params }, call, { directory }) {
    const { row } = await directory.find(params.sessionId, accountOf(call));
    const { policy, parties } = underPolicy(row);
    return {
      policyHash: policy.hash,
      policy: JSON.parse(policy.text) as Record<string, unknown>,
      termsHash: policy.termsHash,
      terms: policy.terms,
      parties: { ...parties },
    };
  },

  async getConsents({ params }, call, { directory, dependencies }) {
    const account = accountOf(call);
    const { row } = await directory.find(params.sessionId, account);
    return consentsView(underPolicy(row), account.address, nowUs(dependencies.clock));
  },

  async putConsent({ params, body }, call, { directory, dependencies }) {
    const account = accountOf(call);
    const { sessionId } = params;
    const bound = underPolicy((await directory.findAs(sessionId, account, 'owner', 'host', 'user')).row);
    const role = roleOf(bound, account.address);
    if (role === undefined) throw problem('not_yours', { detail: 'Only host and user consent.' });
    const { state } = await directory.pipeline(sessionId);
    if (state !== 'created')
      throw problem('wrong_state', { detail: `The session is ${state}.`, extensions: { state } });
    const atUs = nowUs(dependencies.clock);
    const signature = plainSignature(body.signature);
    const consent = { role, party: account.address, acceptedAtUs: body.acceptedAtUs, signature };
    assertSound(bound, consent, atUs);
    const row = await dependencies.sessions.change(sessionId, ({ consents, run }) => {
      // What it starts with stands in the evidence already.
      if (run !== undefined) throw problem('wrong_state', { detail: 'The session is being started.' });
      return { consents: [...consents.filter((each) => each.role !== role), consent] };
    });
    return consentsView(underPolicy(row), account.address, atUs);
  },

  async checkPolicy({ params, body }, call, { directory, policies }) {
    const account = accountOf(call);
    const held = policies.held(params.sessionId);
    // What is held was found before, and whose it is does not change.
    const session = held && !held.row.ending ? held : null;
    const found = session
      ? directory.seen(session.row, account)
      : await directory.find(params.sessionId, account);
    if (body.attempted !== undefined && found.row.parties?.host !== account.address)
      throw problem('not_yours', { detail: 'Only the host says what was attempted.' });
    const verdict = await policies.check(session ?? (await policies.running(found.row)), {
      action: body.action as unknown as Action,
      attempted: body.attempted,
      explain: body.explain ?? false,
    });
    const { decision, reason, rule, matched, ended } = verdict;
    const steps = 'steps' in verdict ? { steps: verdict.steps.map((each) => ({ ...each })) } : {};
    return { decision, reason, rule, matched, ended, ...steps };
  },

  async approve({ params, body }, call, { directory, dependencies, policies }) {
    const account = accountOf(call);
    const { sessionId } = params;
    const bound = underPolicy((await directory.findAs(sessionId, account, 'host', 'user', 'owner')).row);
    if (bound.parties.host !== account.address)
      throw problem('not_yours', { detail: 'Only the host approves.' });
    await policies.running(bound);
    const { opens, fromUs, untilUs } = body;
    const host = { kind: 'tron', address: account.address } as const;
    const statement = { format: APPROVAL_FORMAT, sessionId, policyHash: bound.policy.hash } as const;
    const approval = { ...statement, opens: opens as Approval['opens'], fromUs, untilUs, party: host };
    const signed = { ...approval, signature: plainSignature(body.signature) };
    const asked = { sessionId, policyHash: bound.policy.hash, host, approval: signed, verifyTron };
    const judged = judgeApproval(asked);
    if (!judged.ok)
      throw problem('approval_refused', {
        detail: `The approval does not hold: ${judged.fault}.`,
        extensions: { fault: judged.fault },
      });
    await policies.approve(bound, judged.value);
    const atUs = nowUs(dependencies.clock);
    return { opens, fromUs, untilUs, inForce: fromUs <= atUs && atUs < untilUs };
  },

  listPolicies: async (_input, call, { dependencies }) => ({
    policies: await listPolicies(accountOf(call).address, dependencies),
  }),

  storePolicy: async ({ body }, call, { dependencies }) =>
    storePolicy(body, accountOf(call).address, dependencies),

  deletePolicy: async ({ params }, call, { dependencies }) =>
    removePolicy(params.policyHash, accountOf(call).address, dependencies),
};
