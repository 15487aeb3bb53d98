/** Shapes of a plan, and what follows from them alone. */
import type { PlanBody, PlanStep } from '@lucid/contracts';
import type { Static } from 'typebox';

export type Plan = Static<typeof PlanBody>;
export type Step = Static<typeof PlanStep>;
export type DeployStep = Extract<Step, { kind: 'deploy' }>;
export type TransactStep = Extract<Step, { kind: 'transact' }>;
export type SentStep = DeployStep | TransactStep;
export type Compensation = NonNullable<SentStep['compensation']>[number];
export type Inputs = Readonly<Record<string, unknown>>;

export const isSent = (step: Step): step is SentStep => step.kind === 'deploy' || step.kind === 'transact';

/** How many nonces lie before the step's own. */
export const nonceOffset = ({ steps }: Plan, id: string): number =>
  steps
    .slice(
      0,
      steps.findIndex((each) => each.id === id),
    )
    .filter(isSent).length;

export const sentCount = ({ steps }: Plan): number => steps.filter(isSent).length;

export const retryOf = ({ retry }: Plan) => ({
  attempts: retry?.attempts ?? 4,
  delayMs: retry?.delayMs ?? 10_000,
  timeoutMs: retry?.timeoutMs ?? 300_000,
});

/** With defaults for what was not given. */
export const inputsWithDefaults = ({ inputs }: Plan, given: Inputs): Inputs =>
  Object.fromEntries(
    inputs.flatMap(({ name, default: value }) => {
      const own = Object.hasOwn(given, name) ? given[name] : value;
      return own === undefined ? [] : [[name, own]];
    }),
  );
