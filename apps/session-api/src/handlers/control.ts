import { permits } from '@lucid/access';
import type { SessionRelation, sessionApiContract } from '@lucid/contracts';
import { accountOf, type Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { isUnderPolicy } from '../domain/consenting.ts';
import { nowUs } from '../domain/dependencies.ts';
import { userSession } from '../domain/view.ts';
import { problem } from '../problem.ts';

type All = Handlers<typeof sessionApiContract, Context>;
type ControlHandlers = Pick<
  All,
  | 'startSession'
  | 'stopSession'
  | 'pauseSession'
  | 'resumeSession'
  | 'archiveSession'
  | 'restoreSession'
  | 'deleteSession'
>;

/** Who may begin a session, hold it up and end it: both parties, each at any time. */
const controllers = ['owner', 'host', 'user'] as const satisfies readonly SessionRelation[];

export const controlHandlers: ControlHandlers = {
  async startSession({ params }, call, { directory, starting }) {
    const account = accountOf(call);
    const found = await directory.findAs(params.sessionId, account, ...controllers);
    return userSession(found, await starting.start(found, account, call));
  },

  async stopSession({ params, query, body }, call, { directory, dependencies, quotas }) {
    const found = await directory.findAs(params.sessionId, accountOf(call), ...controllers);
    const { reason } = body;
    const closing =
      reason === undefined ? { closed: 'ended' as const } : { closed: 'interrupted' as const, reason };
    const pipeline = await dependencies.orchestrator.stopSession({ params, query, body: closing }, { call });
    await quotas.rest(found.row.owner, params.sessionId);
    return userSession(found, pipeline);
  },

  async pauseSession({ params }, call, { directory, dependencies }) {
    const found = await directory.findAs(params.sessionId, accountOf(call), ...controllers);
    return userSession(found, await dependencies.orchestrator.pauseSession({ params }, { call }));
  },

  async resumeSession({ params }, call, { directory, dependencies, policies }) {
    const found = await directory.findAs(params.sessionId, accountOf(call), ...controllers);
    if (isUnderPolicy(found.row) && found.row.run === 'running') {
      const session = await policies.load(found.row);
      const atUs = nowUs(dependencies.clock);
      session.input(atUs);
      const untimely = session.timely(atUs);
      if (untimely)
        throw problem('policy_broken', {
          detail: `The policy does not let it go on: ${untimely.reason}.`,
          extensions: { reason: untimely.reason },
        });
    }
    return userSession(found, await dependencies.orchestrator.resumeSession({ params }, { call }));
  },

  async archiveSession({ params }, call, { directory, dependencies, quotas }) {
    const found = await directory.findAs(params.sessionId, accountOf(call), 'owner');
    const pipeline = await directory.pipeline(params.sessionId);
    if (pipeline.state !== 'completed' && pipeline.state !== 'failed')
      throw problem('wrong_state', {
        detail: `The session is ${pipeline.state}.`,
        extensions: { state: pipeline.state },
      });
    const archivedAtUs = nowUs(dependencies.clock);
    const row = await dependencies.sessions.change(params.sessionId, (current) =>
      current.archivedAtUs === undefined ? { archivedAtUs } : null,
    );
    await quotas.dismiss(row.owner, params.sessionId);
    return userSession({ ...found, row }, pipeline);
  },

  async restoreSession({ params }, call, { directory, dependencies, quotas }) {
    const found = await directory.findAs(params.sessionId, accountOf(call), 'owner');
    if (found.row.archivedAtUs !== undefined) await quotas.readmit(found.row.owner, params.sessionId);
    const row = await dependencies.sessions.change(params.sessionId, (current) =>
      current.archivedAtUs === undefined ? null : { archivedAtUs: undefined },
    );
    return userSession({ ...found, row }, await directory.pipeline(params.sessionId));
  },

  async deleteSession({ params, query }, call, { directory, dependencies, quotas }) {
    const account = accountOf(call);
    const any = permits(account, 'delete_any_session');
    const found = any
      ? await directory.find(params.sessionId, account)
      : await directory.findAs(params.sessionId, account, 'owner');
    const input = { params, query: { reason: query.reason, by: account.address } };
    const pipeline = await dependencies.orchestrator.deleteSession(input, { call });
    await quotas.dismiss(found.row.owner, params.sessionId);
    return userSession(found, pipeline);
  },
};
