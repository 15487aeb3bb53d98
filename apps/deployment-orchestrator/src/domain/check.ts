/** Comparing what a check read with what the plan says. */
import { type Abi, functionOf, valuesFromJson, valuesToJson } from '@lucid/chain-client';
import type { Failure } from '@lucid/contracts';
import type { Static } from 'typebox';
import type { Step } from './plan.ts';
import { equalsList } from './plan-judge.ts';
import { resolvedInRun, type Scope } from './scope.ts';

type CheckStep = Extract<Step, { kind: 'check' }>;

interface Read {
  readonly abi: readonly unknown[];
  readonly scope: Scope;
  readonly values: readonly unknown[];
}

const MOST_CHARS = 200;
const short = (value: unknown): string => {
  const text = JSON.stringify(value);
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text;
};

/** Null where it holds. */
export function checkFailure(step: CheckStep, { abi, scope, values }: Read): Static<typeof Failure> | null {
  const { outputs } = functionOf(abi as Abi, step.function, (step.args ?? []).length);
  const wanted = equalsList(outputs, resolvedInRun(step.equals, scope));
  // As the ABI has it: 7, "7" and "0x07" are the same number.
  const expected = valuesToJson(outputs, valuesFromJson(outputs, wanted));
  if (JSON.stringify(expected) === JSON.stringify(values)) return null;
  const one = outputs.length === 1;
  const [found, said] = [one ? values[0] : values, one ? expected[0] : expected];
  return { code: 'check_failed', detail: `${step.function} gives ${short(found)}, expected ${short(said)}.` };
}
