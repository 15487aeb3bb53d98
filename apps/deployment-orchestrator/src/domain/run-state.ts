/** A run in memory: its document, read; and what is answered of it. */
import type { Run } from '@lucid/contracts';
import type { Stored } from '@lucid/document-store';
import type { Static } from 'typebox';
import type { RunDocument, StepState } from '../store/run-store.ts';
import { type Inputs, isSent, type Plan } from './plan.ts';
import type { Scope } from './scope.ts';

type Answer = Static<typeof Run>;

export interface RunState {
  readonly stored: Stored<RunDocument>;
  readonly plan: Plan;
  readonly inputs: Inputs;
  readonly steps: readonly StepState[];
}

export const runStateOf = (stored: Stored<RunDocument>): RunState => ({
  stored,
  plan: JSON.parse(stored.document.plan) as Plan,
  inputs: JSON.parse(stored.document.inputs) as Inputs,
  steps: JSON.parse(stored.document.steps) as StepState[],
});

export const firstSteps = (plan: Plan): StepState[] =>
  plan.steps.map((step) => {
    const calls = isSent(step) ? (step.compensation ?? []) : [];
    const compensation = calls.map(({ function: name, to }) => ({
      function: name,
      to,
      status: 'waiting' as const,
      tries: 0,
    }));
    return {
      id: step.id,
      kind: step.kind,
      status: 'waiting',
      tries: 0,
      ...(calls.length > 0 ? { compensation } : {}),
    };
  });

export const scopeOf = ({ stored, inputs, steps }: RunState): Scope => ({
  account: stored.document.account ?? '',
  inputs,
  steps: new Map(
    steps.map(({ id, address, transactionHash, blockHeight, gasUsed, value }) => [
      id,
      {
        address,
        transactionHash,
        blockHeight,
        gasUsed: gasUsed === undefined ? undefined : String(BigInt(gasUsed)),
        value,
      },
    ]),
  ),
});

/** Its creation is in a block, whatever its code is. */
const stands = ({ kind, status, failure, blockHeight }: StepState): boolean =>
  kind === 'deploy' && blockHeight !== undefined && (status === 'done' || failure?.code === 'code_differs');

const stepAnswer = ({ startedAtMs: _, ...rest }: StepState): Answer['steps'][number] => rest;

export function runAnswer(state: RunState): Answer {
  const {
    runId,
    planId,
    planHash,
    status,
    account,
    firstNonce,
    results,
    stopped,
    startedAtMs,
    endedAtMs,
    nextTryAtMs,
  } = state.stored.document;
  const optional = { account, firstNonce, stopped, endedAtMs, nextTryAtMs };
  const nameOf = (id: string): string => {
    const step = state.plan.steps.find((each) => each.id === id);
    if (step?.kind !== 'deploy') return '';
    return 'house' in step.contract ? step.contract.house : step.contract.name;
  };
  return {
    ...{
      runId,
      planId,
      planHash,
      status,
      inputs: { ...state.inputs },
      steps: state.steps.map(stepAnswer),
      startedAtMs,
    },
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as object),
    ...(results === undefined ? {} : { results: JSON.parse(results) as Record<string, unknown> }),
    stands: state.steps
      .filter(stands)
      .map(({ id, address }) => ({ step: id, contractName: nameOf(id), address: address ?? '' })),
  };
}
