import { Type } from 'typebox';
import { defineContract } from './contract.ts';
import { DryRun, Plan, PlanBody, PlanId, Run, RunId, RunInputs } from './deployment-orchestrator-schemas.ts';

/** The plan that ships with the program, and the names of its results: addresses. */
export const governancePlan = {
  planId: 'governance',
  results: ['LucidTimelock', 'ParamRegistry', 'LucidNodes', 'LucidGovernor'],
} as const;

const operators = ['operator'];
const readers = ['operator', 'blockchain-governance', 'blockchain-api'];
const planErrors = ['plan_invalid', 'inputs_invalid', 'deployment_unavailable'] as const;

const page = {
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  after: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
};
const Next = Type.Union([Type.String(), Type.Null()]);
const planParams = Type.Object({ planId: PlanId });
const runParams = Type.Object({ runId: RunId });

export const deploymentOrchestratorContract = defineContract({
  service: 'deployment-orchestrator',
  version: '0.1.0',
  summary:
    'Carries out plans of deployments step by step, goes on after any interruption, and rolls back what can be rolled back.',
  basePath: '/api/v1',
  errors: {
    plan_unknown: { status: 404, title: 'There is no plan of this id.' },
    plan_invalid: { status: 422, title: 'The plan cannot be carried out; the detail names step and place.' },
    plan_conflict: {
      status: 409,
      title: 'The plan ships with the program, or has runs: store it under another id.',
    },
    inputs_invalid: { status: 422, title: 'The inputs do not fit the plan; the detail names the input.' },
    run_unknown: { status: 404, title: 'There is no run of this id.' },
    run_conflict: { status: 409, title: 'There is a run of this id with another plan or other inputs.' },
    run_not_stopped: { status: 409, title: 'Only a run that stopped is resumed or rolled back.' },
    run_over: {
      status: 409,
      title: 'The run cannot go on: a step used up its nonce and failed. Roll it back, and begin another.',
    },
    deployment_unavailable: { status: 503, title: 'contract-deployment does not answer now; try again.' },
    /** In `failure` and `stopped` alone. */
    check_failed: { status: 422, title: 'A check read another value than the plan says.' },
    step_timed_out: { status: 504, title: 'A step was not in its block in time; it may still come.' },
    address_changed: { status: 409, title: 'A contract came to stand at another address than was foretold.' },
    store_full: { status: 507, title: 'There is no room for the request; free some and try again.' },
  },
  operations: {
    listPlans: {
      method: 'GET',
      path: '/plans',
      summary: 'Plans, those of the house first.',
      callers: readers,
      query: Type.Object(page, { additionalProperties: false }),
      response: Type.Object({ items: Type.Array(Plan), next: Next }),
    },
    getPlan: {
      method: 'GET',
      path: '/plans/:planId',
      summary: 'A plan.',
      callers: readers,
      params: planParams,
      response: Plan,
      errors: ['plan_unknown'],
    },
    putPlan: {
      method: 'PUT',
      path: '/plans/:planId',
      summary: 'Stores a plan after judging it; one that has runs is never changed.',
      callers: operators,
      params: planParams,
      body: PlanBody,
      response: Plan,
      errors: ['plan_invalid', 'plan_conflict', 'deployment_unavailable', 'store_full'],
      deadlineMs: 60_000,
    },
    deletePlan: {
      method: 'DELETE',
      path: '/plans/:planId',
      summary: 'Forgets a plan that has no runs.',
      callers: operators,
      params: planParams,
      errors: ['plan_unknown', 'plan_conflict'],
    },
    dryRun: {
      method: 'POST',
      path: '/plans/:planId/dry-run',
      summary: 'What a run would do now: addresses, gas, cost, refusals. Nothing is sent.',
      callers: operators,
      params: planParams,
      body: Type.Object({ inputs: RunInputs }, { additionalProperties: false }),
      response: DryRun,
      idempotent: true,
      errors: ['plan_unknown', ...planErrors],
      deadlineMs: 60_000,
    },
    startRun: {
      method: 'PUT',
      path: '/runs/:runId',
      summary: 'Starts a run, once for each id, after judging plan and inputs.',
      callers: operators,
      params: runParams,
      body: Type.Object({ planId: PlanId, inputs: RunInputs }, { additionalProperties: false }),
      response: Run,
      errors: ['plan_unknown', ...planErrors, 'run_conflict', 'store_full'],
      deadlineMs: 60_000,
    },
    listRuns: {
      method: 'GET',
      path: '/runs',
      summary: 'Runs, the newest first.',
      callers: readers,
      query: Type.Object({ planId: Type.Optional(PlanId), ...page }, { additionalProperties: false }),
      response: Type.Object({ items: Type.Array(Run), next: Next }),
    },
    getRun: {
      method: 'GET',
      path: '/runs/:runId',
      summary: 'How far a run is, and what it gave.',
      callers: readers,
      params: runParams,
      response: Run,
      errors: ['run_unknown'],
    },
    resumeRun: {
      method: 'PUT',
      path: '/runs/:runId/resume',
      summary: 'Lets a stopped run go on with the step that failed.',
      callers: operators,
      params: runParams,
      response: Run,
      errors: ['run_unknown', 'run_not_stopped', 'run_over', 'store_full'],
    },
    rollBackRun: {
      method: 'PUT',
      path: '/runs/:runId/roll-back',
      summary: 'Sends the compensations of what a stopped run did, the last step first.',
      callers: operators,
      params: runParams,
      response: Run,
      errors: ['run_unknown', 'run_not_stopped', 'store_full'],
    },
  },
});
