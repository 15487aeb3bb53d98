import type { deploymentOrchestratorContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { runAnswer } from '../domain/run-state.ts';

export const planHandlers: Handlers<typeof deploymentOrchestratorContract, Context> = {
  listPlans: ({ query }, _call, { plans }) => plans.list(query),
  getPlan: ({ params }, _call, { plans }) => plans.get(params.planId),
  putPlan: ({ params, body }, _call, { plans }) => plans.put(params.planId, body),
  deletePlan: ({ params }, _call, { plans }) => plans.remove(params.planId),
  dryRun: async ({ params, body }, _call, { plans, dryRuns }) =>
    dryRuns.run((await plans.get(params.planId)).plan, body.inputs),
  startRun: async ({ params, body }, _call, { runs }) => runAnswer(await runs.start(params.runId, body)),
  listRuns: async ({ query }, _call, { runs }) => {
    const { items, next } = await runs.list(query);
    return { items: items.map(runAnswer), next };
  },
  getRun: async ({ params }, _call, { runs }) => runAnswer(await runs.get(params.runId)),
  resumeRun: async ({ params }, _call, { runs }) => runAnswer(await runs.resume(params.runId)),
  rollBackRun: async ({ params }, _call, { runs }) => runAnswer(await runs.rollBack(params.runId)),
};
