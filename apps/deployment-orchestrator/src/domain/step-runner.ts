/**
 * One step's work, as often as it is asked for. What is sent carries an id made of run and step, so contract-deployment does it once; so every
 * step may be cut off anywhere and be run again.
 */
import type { contractDeploymentContract, Failure } from '@lucid/contracts';
import { type Client, isProblem, ProblemError } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { StepState } from '../store/run-store.ts';
import { checkFailure } from './check.ts';
import type { ContractCatalog } from './contract-catalog.ts';
import { type Compensation, nonceOffset, type Plan, type SentStep, type Step } from './plan.ts';
import { resolvedInRun, type Scope } from './scope.ts';

type Deployment = Client<typeof contractDeploymentContract>;
type Fault = Static<typeof Failure>;

export type StepOutcome =
  /** Nothing is known to be wrong; look again soon. */
  | { readonly kind: 'waits'; readonly change: Partial<StepState> }
  | { readonly kind: 'done'; readonly change: Partial<StepState> }
  /** May pass: the same again, later. */
  | { readonly kind: 'passes'; readonly failure: Fault }
  /** `mayResume`: nothing was used up, so the same may work another time. */
  | {
      readonly kind: 'failed';
      readonly failure: Fault;
      readonly mayResume: boolean;
      readonly change: Partial<StepState>;
    };

/** Of contract-deployment and the kit: the same may work in a moment. */
const PASSING = [
  ...[
    'chain_unavailable',
    'compiler_unavailable',
    'account_reserved',
    'insufficient_funds',
    'fee_too_high',
    'store_full',
  ],
  ...[
    'unavailable',
    'deadline_exceeded',
    'too_many_requests',
    'internal',
    'wrong_chain',
    'reservation_unknown',
  ],
];
/** Nothing was sent, and what stands on the chain may be another next time. */
const RESUMABLE = ['execution_reverted', 'gas_too_high'];

export interface RunningStep {
  readonly runId: string;
  readonly plan: Plan;
  readonly scope: Scope;
  readonly firstNonce: number;
  readonly state: StepState;
}

interface Sent {
  readonly status: string;
  readonly nonce?: number;
  readonly transactionHash?: string;
  readonly blockHeight?: number;
  readonly gasUsed?: string;
  readonly failure?: Fault;
}

/** Of what is sent for a step. */
export const stepIdOf = (runId: string, stepId: string): string => `${runId}.${stepId}`;

export class StepRunner {
  readonly #deployment: Deployment;
  readonly #catalog: ContractCatalog;

  constructor({ deployment, catalog }: { deployment: Deployment; catalog: ContractCatalog }) {
    this.#deployment = deployment;
    this.#catalog = catalog;
  }

  async run(step: Step, running: RunningStep): Promise<StepOutcome> {
    try {
      switch (step.kind) {
        case 'wait':
          return await this.#wait(step, running);
        case 'check':
          return await this.#check(step, running);
        default:
          return await this.#send(step, running);
      }
    } catch (error) {
      return outcomeOf(error);
    }
  }

  /** `lost` counts the transactions of this compensation that used up their nonces: each has an id of its own. */
  async compensate(
    call: Compensation,
    { id, lost, scope, reservationId }: { id: string; lost: number; scope: Scope; reservationId: string },
  ): Promise<StepOutcome> {
    const transactionId = lost === 0 ? id : `${id}.${lost}`;
    const params = { transactionId };
    try {
      const body = { ...callOf(call, scope), reservationId };
      const sent = await this.#deployment.putTransaction({ params, body });
      return sentOutcome(sent);
    } catch (error) {
      return outcomeOf(error);
    }
  }

  async #send(step: SentStep, running: RunningStep): Promise<StepOutcome> {
    const { runId, plan, scope, firstNonce } = running;
    const order = { nonce: firstNonce + nonceOffset(plan, step.id), reservationId: runId };
    const payment = {
      ...(step.valueWei === undefined ? {} : { valueWei: step.valueWei }),
      ...(step.gas === undefined ? {} : { gas: step.gas }),
    };
    const id = stepIdOf(runId, step.id);
    if (step.kind === 'transact') {
      const body = { ...callOf(step, scope), ...payment, ...order };
      const sent = await this.#deployment.putTransaction({ params: { transactionId: id }, body });
      return sentOutcome(sent, sent.events ? { events: sent.events } : {});
    }
    const { contract, args = [] } = resolvedInRun({ contract: step.contract, args: step.args ?? [] }, scope);
    const body = { contract: contract as never, args, ...payment, ...order };
    const sent = await this.#deployment.putDeployment({ params: { deploymentId: id }, body });
    const foretold = running.state.address;
    if (sent.address !== undefined && sent.address !== foretold)
      return {
        kind: 'failed',
        failure: {
          code: 'address_changed',
          detail: `It stands at ${sent.address}, foretold was ${foretold}.`,
        },
        mayResume: false,
        change: placeOf(sent),
      };
    return sentOutcome(sent);
  }

  async #wait(step: Extract<Step, { kind: 'wait' }>, { scope }: RunningStep): Promise<StepOutcome> {
    const height = scope.steps.get(step.for)?.blockHeight ?? 0;
    const { blockHeight } = await this.#deployment.getAccount({});
    const confirmations = Math.max(0, blockHeight - height + 1);
    return confirmations >= step.confirmations ? { kind: 'done', change: {} } : { kind: 'waits', change: {} };
  }

  async #check(step: Extract<Step, { kind: 'check' }>, { scope }: RunningStep): Promise<StepOutcome> {
    const { abi } = await this.#catalog.open()(step.contract);
    const { values } = await this.#deployment.readContract({ body: callOf(step, scope) });
    const value = values.length === 1 ? values[0] : values;
    const failure = checkFailure(step, { abi, scope, values });
    return failure
      ? { kind: 'failed', failure, mayResume: true, change: { value } }
      : { kind: 'done', change: { value } };
  }
}

/** Whether a change says more than is known. */
export const isNews = (known: object, change: object): boolean =>
  Object.entries(change).some(([name, value]) => (known as Record<string, unknown>)[name] !== value);

function callOf(call: Compensation, scope: Scope) {
  const { contract, to, args } = resolvedInRun(
    { contract: call.contract, to: call.to, args: call.args ?? [] },
    scope,
  );
  return { contract: contract as never, to, function: call.function, args };
}

function placeOf({ nonce, transactionHash, blockHeight, gasUsed }: Sent): Partial<StepState> {
  return {
    ...(nonce === undefined ? {} : { nonce }),
    ...(transactionHash === undefined ? {} : { transactionHash }),
    ...(blockHeight === undefined ? {} : { blockHeight }),
    ...(gasUsed === undefined ? {} : { gasUsed }),
  };
}

function sentOutcome(sent: Sent, more: Partial<StepState> = {}): StepOutcome {
  const change = { ...placeOf(sent), ...more };
  if (sent.status === 'confirmed') return { kind: 'done', change };
  if (sent.status !== 'failed') return { kind: 'waits', change };
  const failure = sent.failure ?? { code: 'internal', detail: '' };
  if (sent.nonce === undefined) return refusalOutcome(failure);
  return { kind: 'failed', failure, mayResume: false, change };
}

const refusalOutcome = (failure: Fault): StepOutcome =>
  PASSING.includes(failure.code)
    ? { kind: 'passes', failure }
    : { kind: 'failed', failure, mayResume: RESUMABLE.includes(failure.code), change: {} };

function outcomeOf(error: unknown): StepOutcome {
  if (!(error instanceof ProblemError)) throw error;
  const isOver = isProblem(error, 'plan_invalid');
  const failure = {
    code: error.code,
    detail: error.detail ?? 'contract-deployment says no more; see its log.',
  };
  if (isOver) return { kind: 'failed', failure, mayResume: false, change: {} };
  if (isProblem(error, 'deployment_unavailable')) return { kind: 'passes', failure };
  return refusalOutcome(failure);
}
