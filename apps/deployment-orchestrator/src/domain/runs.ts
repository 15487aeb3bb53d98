/** Runs by their ids: begun once, looked at, resumed, rolled back. */
import type { Stored } from '@lucid/document-store';
import { isDocumentStoreError } from '@lucid/document-store';
import { type Clock, KeyedQueue } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { RunDocument, RunStore, StepState } from '../store/run-store.ts';
import type { ContractCatalog } from './contract-catalog.ts';
import type { Driver } from './driver.ts';
import type { Inputs } from './plan.ts';
import { judgeInputs, judgePlan } from './plan-judge.ts';
import { hashOf, type Plans } from './plans.ts';
import { firstSteps, type RunState, runStateOf } from './run-state.ts';

interface Parts {
  readonly store: RunStore;
  readonly plans: Plans;
  readonly catalog: ContractCatalog;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly onOpen: () => void;
}

const AT_ONCE = 100;

export class Runs {
  readonly #parts: Parts;
  readonly #queue = new KeyedQueue();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(runId: string, { planId, inputs }: { planId: string; inputs: Inputs }): Promise<RunState> {
    return this.#queue.run(runId, async () => {
      const requestHash = hashOf({ planId, inputs });
      const known = await this.#parts.store.get(runId);
      if (known) return this.#sameRun(known, requestHash);
      const { plan, planHash } = await this.#parts.plans.get(planId);
      await judgePlan(plan, this.#parts.catalog);
      const judged = await judgeInputs(plan, inputs, this.#parts.catalog);
      const nowMs = this.#parts.clock.nowMs();
      const document: RunDocument = {
        ...{
          runId,
          planId,
          planHash,
          requestHash,
          status: 'running',
          openSinceMs: nowMs,
          startedAtMs: nowMs,
        },
        ...{
          plan: JSON.stringify(plan),
          inputs: JSON.stringify(judged),
          steps: JSON.stringify(firstSteps(plan)),
        },
      };
      const version = await this.#parts.store.insert(document);
      this.#parts.onOpen();
      return runStateOf({ key: runId, version, document });
    });
  }

  async get(runId: string): Promise<RunState> {
    return runStateOf(await this.#stored(runId));
  }

  async list({
    planId,
    limit,
    after,
  }: {
    planId?: string | undefined;
    limit: number;
    after?: string | undefined;
  }) {
    const page = await this.#parts.store.find({
      ...(planId === undefined ? { index: 'started' } : { index: 'plan', equals: [planId] }),
      ...{ reverse: true, limit },
      ...(after === undefined ? {} : { after }),
    });
    return { items: page.items.map(runStateOf), next: page.next };
  }

  /** @throws ProblemError run_unknown, run_not_stopped, run_over */
  resume(runId: string): Promise<RunState> {
    return this.#again(runId, (state) => {
      const { stopped } = state.stored.document;
      if (!stopped?.mayResume)
        throw problem('run_over', {
          detail: `It stopped for good: ${stopped?.code ?? 'unknown'}. Roll it back, or begin another run.`,
        });
      const steps = state.steps.map((each) => (each.status === 'failed' ? begunAnew(each) : each));
      return { status: 'running', stopped: undefined, steps: JSON.stringify(steps) };
    });
  }

  /** @throws ProblemError run_unknown, run_not_stopped */
  rollBack(runId: string): Promise<RunState> {
    return this.#again(runId, (state) => ({
      status: 'compensating',
      ...(state.stored.document.stopped && {
        stopped: { ...state.stored.document.stopped, mayResume: false },
      }),
      steps: JSON.stringify(
        state.steps.map((each) => ({
          ...each,
          ...(each.compensation && { compensation: each.compensation.map(compensationAnew) }),
        })),
      ),
    }));
  }

  /** One move of every run that is open. Resolves to the milliseconds until the next. */
  async drive(longestMs: number): Promise<number> {
    const { items } = await this.#parts.store.find({ index: 'open', limit: AT_ONCE });
    const pauses = await Promise.all(items.map(({ key }) => this.#move(key)));
    return pauses.reduce<number>((least, each) => (each === null ? least : Math.min(least, each)), longestMs);
  }

  #move(runId: string): Promise<number | null> {
    return this.#queue.run(runId, async () => {
      const stored = await this.#parts.store.get(runId);
      return stored && this.#parts.driver.move(stored);
    });
  }

  #again(runId: string, change: (state: RunState) => Partial<RunDocument>): Promise<RunState> {
    return this.#queue.run(runId, async () => {
      const stored = await this.#stored(runId);
      const { status } = stored.document;
      if (status !== 'stopped') throw problem('run_not_stopped', { detail: `The run is ${status}.` });
      const openSinceMs = this.#parts.clock.nowMs();
      const open = { openSinceMs, endedAtMs: undefined, nextTryAtMs: undefined };
      const document = { ...stored.document, ...open, ...change(runStateOf(stored)) };
      try {
        const version = await this.#parts.store.replace(document, stored.version);
        this.#parts.onOpen();
        return runStateOf({ ...stored, version, document });
      } catch (error) {
        if (isDocumentStoreError(error, 'version_conflict'))
          throw problem('run_not_stopped', { cause: error });
        throw error;
      }
    });
  }

  #sameRun(known: Stored<RunDocument>, requestHash: string): RunState {
    if (known.document.requestHash === requestHash) return runStateOf(known);
    throw problem('run_conflict', {
      detail: `Take another id than ${known.key}, or the plan and inputs of the first time.`,
    });
  }

  async #stored(runId: string): Promise<Stored<RunDocument>> {
    const stored = await this.#parts.store.get(runId);
    if (!stored) throw problem('run_unknown', { detail: `There is no run ${runId}.` });
    return stored;
  }
}

const begunAnew = ({ failure: _, ...step }: StepState): StepState => ({
  ...step,
  status: 'waiting',
  tries: 0,
});

type CompensationState = NonNullable<StepState['compensation']>[number];

/** One that failed in a block is sent as another transaction; `tries` counts them. */
const compensationAnew = (each: CompensationState): CompensationState =>
  each.status === 'failed' ? { ...each, status: 'started' } : each;
