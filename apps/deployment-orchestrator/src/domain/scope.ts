/** What references stand for, at some moment of a run. */
import type { Inputs, Plan } from './plan.ts';
import { type Reference, withReferences } from './reference.ts';

export interface StepValues {
  readonly address?: string | undefined;
  readonly transactionHash?: string | undefined;
  readonly blockHeight?: number | undefined;
  readonly gasUsed?: string | undefined;
  readonly value?: unknown;
}

export interface Scope {
  readonly account: string;
  readonly inputs: Inputs;
  readonly steps: ReadonlyMap<string, StepValues>;
}

const valueIn = ({ account, inputs, steps }: Scope, reference: Reference): unknown => {
  if (reference.kind === 'account') return account;
  if (reference.kind === 'input') return inputs[reference.name];
  return steps.get(reference.step)?.[reference.field];
};

/** `unknown` gives what stands for a value that is not known yet. */
export function resolved<T>(
  value: T,
  scope: Scope,
  unknown: (reference: Reference, text: string) => unknown,
): T {
  return withReferences(value, (reference, text) => {
    const known = valueIn(scope, reference);
    return known === undefined ? unknown(reference, text) : known;
  }) as T;
}

/** In a run every value is known when its turn comes: the plan was judged. */
export const resolvedInRun = <T>(value: T, scope: Scope): T =>
  resolved(value, scope, (_reference, text) => {
    throw new Error(`${text} is not known yet`);
  });

export const resultsOf = ({ results }: Plan, scope: Scope): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(results).map(([name, value]) => [name, resolved(value, scope, () => null)]),
  );
