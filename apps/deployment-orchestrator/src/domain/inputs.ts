/** What is wrong with the inputs of a run, by the names that whoever gave them knows. */
import { AbiValueError } from '@lucid/chain-client';
import { problem } from '../problem.ts';
import { type Inputs, inputsWithDefaults, type Plan } from './plan.ts';
import { mentionsReference } from './reference.ts';

/** With defaults; whether their types fit is judged where they are used. @throws ProblemError inputs_invalid */
export function completeInputs(plan: Plan, given: Inputs): Inputs {
  const refuse = (detail: string) => problem('inputs_invalid', { detail });
  const names = new Set(plan.inputs.map(({ name }) => name));
  const stranger = Object.keys(given).find((name) => !names.has(name));
  if (stranger !== undefined)
    throw refuse(`The plan has no input ${stranger}; it has ${[...names].join(', ') || 'none'}.`);
  const inputs = inputsWithDefaults(plan, given);
  const missing = plan.inputs.find(({ name }) => !Object.hasOwn(inputs, name));
  if (missing) throw refuse(`Give the input ${missing.name}: ${missing.description}.`);
  const short = plan.inputs.find(({ name, minItems = 0 }) => minItems > lengthOf(inputs[name]));
  if (short)
    throw refuse(`The input ${short.name} is a list of at least ${short.minItems}: ${short.description}.`);
  for (const { name, uniqueItems } of plan.inputs) {
    const [first, second] = (uniqueItems && twiceIn(inputs[name])) || [];
    if (second !== undefined)
      throw refuse(`The input ${name} names the same twice: ${name}[${first}] and ${name}[${second}].`);
  }
  const odd = Object.keys(given).find((name) => mentionsReference(given[name]));
  if (odd !== undefined) throw refuse(`The input ${odd} holds a reference; give values alone.`);
  return inputs;
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

/** Places of two items that are the same. */
function twiceIn(list: unknown): readonly [number, number] | undefined {
  const places = new Map<string, number>();
  for (const [at, item] of (Array.isArray(list) ? list : []).entries()) {
    const text = JSON.stringify(item).toLowerCase();
    const before = places.get(text);
    if (before !== undefined) return [before, at];
    places.set(text, at);
  }
  return undefined;
}

/** An input, or a part of it, that does not fit where the plan uses it. The value stays out: it may be a secret that was pasted. */
export class InputMisfit extends Error {
  /** Place in the step that uses it. */
  readonly path: string;

  /** `place`: where the plan has the input, as `args[2]`; `error.path` is there or below. */
  constructor(name: string, place: string, { path, expected }: AbiValueError) {
    super(`input ${name}${path.slice(place.length)}: expected ${expected}`);
    this.name = 'InputMisfit';
    this.path = path;
  }
}

/** The error of values in which inputs stand at these places; another one stays what it is. */
export function misfitOf(error: unknown, inputsByPlace: ReadonlyMap<string, string>): unknown {
  if (!(error instanceof AbiValueError)) return error;
  for (const [place, name] of inputsByPlace) {
    const rest = error.path.startsWith(place) ? error.path.slice(place.length) : undefined;
    if (rest !== undefined && /^(?:[[.]|$)/.test(rest)) return new InputMisfit(name, place, error);
  }
  return error;
}
