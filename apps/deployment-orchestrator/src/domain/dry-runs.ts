/** What a run would do now: the plan's steps with addresses foretold, simulated in their order by contract-deployment. */
import { createdAddress, type Hex } from '@lucid/chain-client';
import type {
  contractDeploymentContract,
  DryRun,
  DryRunStep,
  InputOf,
  SimulatedOutcome,
} from '@lucid/contracts';
import { type Client, isProblem } from '@lucid/service-kit';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import { checkFailure } from './check.ts';
import type { ContractCatalog } from './contract-catalog.ts';
import { type Inputs, isSent, nonceOffset, type Plan, type Step } from './plan.ts';
import { judgeInputs } from './plan-judge.ts';
import type { Reference } from './reference.ts';
import { resolved, resultsOf, type Scope, type StepValues } from './scope.ts';

type Deployment = Client<typeof contractDeploymentContract>;
type SimulatedStep = InputOf<
  (typeof contractDeploymentContract)['operations']['simulate']
>['body']['steps'][number];
type Outcome = Static<typeof SimulatedOutcome>;
type Answer = Static<typeof DryRun>;

const TRIES = 3;

/** Refusals of a step's bytes, which no simulation reaches. */
const STEP_REFUSALS = [
  'arguments_invalid',
  'contract_abstract',
  'code_too_large',
  'transaction_too_large',
  'library_missing',
];

export class DryRuns {
  readonly #deployment: Deployment;
  readonly #catalog: ContractCatalog;

  constructor({ deployment, catalog }: { deployment: Deployment; catalog: ContractCatalog }) {
    this.#deployment = deployment;
    this.#catalog = catalog;
  }

  /** @throws ProblemError inputs_invalid, plan_invalid, deployment_unavailable */
  async run(plan: Plan, given: Inputs): Promise<Answer> {
    const inputs = await judgeInputs(plan, given, this.#catalog);
    for (let tries = 0; tries < TRIES; tries++) {
      const { account, nextNonce } = await this.#asked(this.#deployment.getAccount({}));
      const scope = foretold(plan, { account, inputs, firstNonce: nextNonce });
      const steps = plan.steps.filter((each) => each.kind !== 'wait');
      const simulated = await this.#asked(
        this.#deployment.simulate({ body: { steps: steps.map((step) => simulatedStep(step, scope)) } }),
      );
      if (simulated.firstNonce !== nextNonce) continue;
      const outcomes = new Map(steps.map((step, at) => [step.id, simulated.steps[at]]));
      return this.#answer(plan, scope, { ...simulated, outcomes });
    }
    throw problem('deployment_unavailable');
  }

  async #answer(
    plan: Plan,
    scope: Scope,
    simulated: Omit<Answer, 'ok' | 'steps' | 'results'> & {
      readonly outcomes: ReadonlyMap<string, Outcome | undefined>;
    },
  ): Promise<Answer> {
    const { outcomes, account, blockHeight, firstNonce, gas, gasPriceWei, costWei, balanceWei } = simulated;
    const steps: Static<typeof DryRunStep>[] = [];
    for (const step of plan.steps) {
      const outcome = step.kind === 'wait' ? { ok: true } : outcomes.get(step.id);
      if (!outcome) break;
      const judged = step.kind === 'check' ? await this.#checked(step, scope, outcome) : outcome;
      const nonce = isSent(step) ? { nonce: firstNonce + nonceOffset(plan, step.id) } : {};
      const args = step.kind === 'wait' ? {} : { args: resolved(step.args ?? [], scope, asText) };
      steps.push({ id: step.id, kind: step.kind, what: whatOf(step, scope), ...args, ...nonce, ...judged });
      if (!judged.ok) break;
    }
    const isWhole = steps.length === plan.steps.length && steps.every(({ ok }) => ok);
    return {
      ok: isWhole && BigInt(balanceWei) >= BigInt(costWei),
      ...{ account, blockHeight, firstNonce, steps, gas, gasPriceWei, costWei, balanceWei },
      results: resultsOf(plan, scope),
    };
  }

  async #checked(step: Extract<Step, { kind: 'check' }>, scope: Scope, outcome: Outcome): Promise<Outcome> {
    if (!outcome.ok || !outcome.values) return outcome;
    let isKnown = true;
    resolved(step.equals, scope, () => {
      isKnown = false;
    });
    if (!isKnown) return outcome;
    const { abi } = await this.#catalog.open()(step.contract);
    const failure = checkFailure(step, { abi, scope, values: outcome.values });
    return failure ? { ...outcome, ok: false, failure } : outcome;
  }

  async #asked<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (isProblem(error, ...STEP_REFUSALS))
        throw problem('inputs_invalid', { detail: error.detail ?? error.code, cause: error });
      throw problem('deployment_unavailable', { cause: error });
    }
  }
}

const asText = (_reference: Reference, text: string): unknown => text;

const HASH = `0x${'00'.repeat(32)}`;

/** Zeros for what is known only when it was done. */
const asZero = (reference: Reference, text: string): unknown => {
  if (reference.kind !== 'step') return text;
  return reference.field === 'transactionHash' ? HASH : '0';
};

interface Begin {
  readonly account: string;
  readonly inputs: Inputs;
  readonly firstNonce: number;
}

/** Addresses of all deployments; a check that holds has read what it compares with. */
export function foretold(plan: Plan, { account, inputs, firstNonce }: Begin): Scope {
  const steps = new Map<string, StepValues>();
  for (const step of plan.steps)
    if (step.kind === 'deploy') {
      const nonce = firstNonce + nonceOffset(plan, step.id);
      steps.set(step.id, { address: createdAddress(account as Hex, nonce) });
    }
  const scope = { account, inputs, steps };
  for (const step of plan.steps)
    if (step.kind === 'check') steps.set(step.id, { value: resolved(step.equals, scope, asZero) });
  return scope;
}

function simulatedStep(step: Exclude<Step, { kind: 'wait' }>, scope: Scope): SimulatedStep {
  const { contract, args = [] } = resolved(
    { contract: step.contract, args: step.args },
    scope,
    asZero,
  ) as SimulatedStep;
  const payment = isSent(step) && step.valueWei !== undefined ? { valueWei: step.valueWei } : {};
  if (step.kind === 'deploy') return { kind: 'create', contract, args, ...payment };
  const call = { contract, args, to: resolved(step.to, scope, asZero), function: step.function };
  return step.kind === 'check' ? { kind: 'read', ...call } : { kind: 'transact', ...call, ...payment };
}

const nameOf = ({ contract }: Exclude<Step, { kind: 'wait' }>): string =>
  'house' in contract ? contract.house : contract.name;

function whatOf(step: Step, scope: Scope): string {
  if (step.kind === 'wait') return `waits until ${step.confirmations} blocks hold ${step.for}`;
  if (step.kind === 'deploy') return `deploys ${nameOf(step)} at ${scope.steps.get(step.id)?.address}`;
  const at = `of ${nameOf(step)} at ${resolved(step.to, scope, asText)}`;
  if (step.kind === 'transact') return `calls ${step.function} ${at}`;
  return `checks that ${step.function} ${at} gives ${JSON.stringify(resolved(step.equals, scope, asText))}`.slice(
    0,
    1_000,
  );
}
