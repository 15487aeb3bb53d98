/**
 * Whether a plan can be carried out, before anything is sent: names, order, and the type of every value by the ABI of its contract. Inputs
 * that are not known yet fit everywhere; given ones are judged where they are used.
 */
import {
  type Abi,
  type AbiFunction,
  type AbiParameter,
  AbiValueError,
  constructorInputs,
  functionOf,
  Known,
  valuesFromJson,
} from '@lucid/chain-client';
import { deploymentLimits } from '@lucid/contracts';
import { problem } from '../problem.ts';
import type { ContractCatalog, ContractName, Description } from './contract-catalog.ts';
import { completeInputs, InputMisfit, misfitOf } from './inputs.ts';
import { type Compensation, type Inputs, inputsWithDefaults, isSent, type Plan, type Step } from './plan.ts';
import { BadReference, mentionsReference, type Reference, referenceOf, withReferences } from './reference.ts';

type Fault = 'plan_invalid' | 'inputs_invalid';
type Lookup = ReturnType<ContractCatalog['open']>;
/** Types that the ABI may ask for where a reference stands. */
type Types = readonly string[];

const COUNTS: Types = ['uint64', 'uint128', 'uint256'];
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

interface Judging {
  readonly plan: Plan;
  readonly inputs: Inputs;
  readonly lookup: Lookup;
  readonly code: Fault;
}

/** @throws ProblemError plan_invalid, deployment_unavailable */
export const judgePlan = (plan: Plan, catalog: ContractCatalog): Promise<void> =>
  new PlanJudge({
    plan,
    inputs: inputsWithDefaults(plan, {}),
    lookup: catalog.open(),
    code: 'plan_invalid',
  }).run();

/** Of a plan that was judged. @throws ProblemError inputs_invalid, deployment_unavailable */
export async function judgeInputs(plan: Plan, given: Inputs, catalog: ContractCatalog): Promise<Inputs> {
  const inputs = completeInputs(plan, given);
  await new PlanJudge({ plan, inputs, lookup: catalog.open(), code: 'inputs_invalid' }).run();
  return inputs;
}

class PlanJudge {
  readonly #judging: Judging;
  readonly #places: ReadonlyMap<string, number>;
  /** Of checks, as far as they were judged: type of what they read. */
  readonly #values = new Map<string, string>();

  constructor(judging: Judging) {
    this.#judging = judging;
    this.#places = new Map(judging.plan.steps.map(({ id }, at) => [id, at]));
  }

  async run(): Promise<void> {
    const { steps, inputs, results } = this.#judging.plan;
    this.#assertNames(
      steps.map(({ id }) => id),
      inputs.map(({ name }) => name),
    );
    for (const input of inputs)
      if (mentionsReference(input.default))
        throw this.#refuse(`input ${input.name}`, 'its default holds a reference');
    for (const [at, step] of steps.entries()) await this.#step(step, at);
    for (const [name, value] of Object.entries(results))
      this.#within(`result ${name}`, () => {
        const reference = referenceOf(value);
        if (!reference) throw new BadReference('a result is a reference');
        this.#typesOf(reference, steps.length);
      });
  }

  #assertNames(ids: readonly string[], inputs: readonly string[]): void {
    for (const names of [ids, inputs]) {
      const twice = names.find((each, at) => names.indexOf(each) !== at);
      if (twice !== undefined) throw this.#refuse(twice, 'there are two of this name');
    }
    const reserved = ids.find((id) => id === 'inputs' || id === 'account');
    if (reserved !== undefined) throw this.#refuse(reserved, 'a step may not be called so');
  }

  async #step(step: Step, at: number): Promise<void> {
    const where = `step ${step.id}`;
    if (step.kind === 'wait') return this.#wait(step, at);
    const description = await this.#describe(step.contract, where);
    this.#within(where, () => this.#libraries(step.contract, at));
    if (step.kind === 'deploy') this.#deploy(step, at, description);
    else this.#call(step, at, { description, where });
    if (!isSent(step)) return;
    for (const [index, compensation] of (step.compensation ?? []).entries())
      await this.#compensation(compensation, at, `${where}: compensation[${index}]`);
  }

  #wait(step: Extract<Step, { kind: 'wait' }>, at: number): void {
    const place = this.#places.get(step.for);
    const waited = place === undefined ? undefined : this.#judging.plan.steps[place];
    if (place === undefined || place >= at || !waited || !isSent(waited))
      throw this.#refuse(
        `step ${step.id}`,
        `it waits for ${step.for}, which is no earlier step that is sent`,
      );
  }

  #deploy(step: Extract<Step, { kind: 'deploy' }>, at: number, description: Description): void {
    const where = `step ${step.id}`;
    if (description.creationBytes === 0)
      throw this.#refuse(where, `${description.name} is abstract or an interface`);
    if (description.runtimeBytes > deploymentLimits.runtimeBytes)
      throw this.#refuse(where, `${description.name} is larger than a contract may be (EIP-170)`);
    const inputs = constructorInputs(description.abi as unknown as Abi);
    this.#within(where, () => this.#judgeValues(inputs, step.args ?? [], { at, path: 'args' }));
  }

  #call(
    call: Compensation & { readonly id?: string; readonly equals?: unknown; readonly kind?: string },
    at: number,
    { description, where, isAfter = false }: { description: Description; where: string; isAfter?: boolean },
  ): void {
    this.#within(where, () => {
      this.#receiver(call.to, at, isAfter);
      const args = call.args ?? [];
      const item = functionOf(description.abi as unknown as Abi, call.function, args.length);
      this.#judgeValues(item.inputs, args, { at: isAfter ? at + 1 : at, path: 'args' });
      const isRead = item.stateMutability === 'view' || item.stateMutability === 'pure';
      if (call.kind === 'check') this.#check(call.id!, call.equals, item, at);
      else if (isRead) throw new BadReference(`${item.name} changes nothing; read it in a check`);
    });
  }

  #check(id: string, equals: unknown, { name, outputs, stateMutability }: AbiFunction, at: number): void {
    if (stateMutability !== 'view' && stateMutability !== 'pure')
      throw new BadReference(`${name} is no function that only reads`);
    if (outputs.length === 0) throw new BadReference(`${name} gives nothing that could be compared`);
    if (outputs.length === 1) this.#values.set(id, outputs[0]!.type);
    this.#judgeValues(outputs, equalsList(outputs, equals), { at, path: 'equals' });
  }

  async #compensation(call: Compensation, at: number, where: string): Promise<void> {
    const description = await this.#describe(call.contract, where);
    this.#call(call, at, { description, where, isAfter: true });
  }

  #receiver(to: string, at: number, isAfter: boolean): void {
    const reference = referenceOf(to);
    const last = isAfter ? at : at - 1;
    if (reference?.kind === 'step' && (this.#places.get(reference.step) ?? -1) > last)
      throw new BadReference('to: the contract is deployed by a later step');
    this.#assertAddress(to, 'to', isAfter ? at + 1 : at);
  }

  /** An address, or a reference to one. */
  #assertAddress(text: string, path: string, at: number): void {
    const reference = referenceOf(text);
    const isInput = reference?.kind === 'input' && Object.hasOwn(this.#judging.inputs, reference.name);
    const value = isInput ? this.#judging.inputs[reference.name] : text;
    const isAddress =
      reference && !isInput
        ? this.#typesOf(reference, at).includes('address')
        : typeof value === 'string' && ADDRESS.test(value);
    if (isAddress) return;
    const misfit = new AbiValueError(path, 'an address');
    throw isInput ? new InputMisfit(reference.name, path, misfit) : misfit;
  }

  #libraries(contract: ContractName, at: number): void {
    if ('house' in contract) return;
    for (const [name, address] of Object.entries(contract.libraries ?? {}))
      this.#assertAddress(address, `libraries ${name}`, at);
  }

  #judgeValues(
    inputs: readonly AbiParameter[],
    given: readonly unknown[],
    { at, path }: { at: number; path: string },
  ): void {
    const { inputs: known } = this.#judging;
    const places = new Map<string, string>();
    const values = withReferences(
      [...given],
      (reference, text, place) => {
        if (reference.kind !== 'input' || !Object.hasOwn(known, reference.name)) return text;
        places.set(place, reference.name);
        return known[reference.name];
      },
      path,
    ) as unknown[];
    try {
      valuesFromJson(inputs, values, {
        path,
        substitute: (value, type, where) => this.#substitute(value, type, { where, at }),
      });
    } catch (error) {
      throw misfitOf(error, places);
    }
  }

  #substitute(value: unknown, type: string, { where, at }: { where: string; at: number }): unknown {
    const reference = referenceOf(value);
    if (reference === null) return value;
    if (reference.kind === 'input') {
      this.#input(reference.name);
      return new Known(null);
    }
    const types = this.#typesOf(reference, at);
    if (types.includes(type)) return new Known(null);
    throw new AbiValueError(where, `${type}, and ${value as string} is ${types[0]}`);
  }

  #input(name: string): void {
    if (!this.#judging.plan.inputs.some((each) => each.name === name))
      throw new BadReference(`the plan has no input ${name}`);
  }

  /** `at`: place of the step that asks. */
  #typesOf(reference: Reference, at: number): Types {
    if (reference.kind === 'account') return ['address'];
    if (reference.kind === 'input') {
      this.#input(reference.name);
      return ['address'];
    }
    const { step: id, field } = reference;
    const place = this.#places.get(id);
    const step = place === undefined ? undefined : this.#judging.plan.steps[place];
    if (place === undefined || !step) throw new BadReference(`there is no step ${id}`);
    if (field === 'address') {
      if (step.kind !== 'deploy') throw new BadReference(`step ${id} deploys nothing, so it has no address`);
      return ['address'];
    }
    if (place >= at) throw new BadReference(`${field} of step ${id} is not known before it was done`);
    if (field === 'value') {
      const type = this.#values.get(id);
      if (type === undefined) throw new BadReference(`step ${id} is no check of one value`);
      return [type];
    }
    if (!isSent(step)) throw new BadReference(`step ${id} sends nothing, so it has no ${field}`);
    return field === 'transactionHash' ? ['bytes32'] : COUNTS;
  }

  async #describe(contract: ContractName, where: string): Promise<Description> {
    try {
      return await this.#judging.lookup(contract);
    } catch (error) {
      const { code, detail } = error as { code?: string; detail?: string };
      throw code === 'plan_invalid' ? this.#refuse(where, detail ?? 'the contract is unknown', error) : error;
    }
  }

  #within(where: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof InputMisfit)
        throw problem(this.#judging.code, {
          detail: `${error.message} (${error.path} of ${where}).`,
          cause: error,
        });
      if (error instanceof BadReference || error instanceof AbiValueError)
        throw this.#refuse(where, error.message, error);
      throw error;
    }
  }

  #refuse(where: string, why: string, cause?: unknown) {
    return problem(this.#judging.code, { detail: `${where}: ${why}.`.replace(/\.\.$/, '.'), cause });
  }
}

/** What a check compares with, as a list of the function's values. */
export const equalsList = (outputs: readonly AbiParameter[], equals: unknown): readonly unknown[] => {
  if (outputs.length === 1) return [equals];
  if (Array.isArray(equals)) return equals;
  throw new BadReference(`equals: expected a list of ${outputs.length} values`);
};
