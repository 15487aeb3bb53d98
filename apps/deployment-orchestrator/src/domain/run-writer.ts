/** Writing a run's record, by compare-and-set; and keeping the account for it. */
import type { contractDeploymentContract, Failure } from '@lucid/contracts';
import { type Client, type Clock, type Log, ProblemError } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { RunDocument, RunStore, StepState } from '../store/run-store.ts';
import type { RunState } from './run-state.ts';

export type Fault = Static<typeof Failure>;
export type CompensationState = NonNullable<StepState['compensation']>[number];

/** Of a compensation: its step, and its place there. */
export interface Place {
  readonly at: number;
  readonly index: number;
}

export type Reserved =
  | { readonly account: string; readonly firstNonce: number }
  | { readonly refused: Fault };

interface Parts {
  readonly store: RunStore;
  readonly deployment: Client<typeof contractDeploymentContract>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Longer than a step takes, so that nobody gets between them; prolonged at each. */
const RESERVED_MS = 3_600_000;

export const changed = (steps: readonly StepState[], at: number, change: Partial<StepState>): StepState[] =>
  steps.map((each, place) => (place === at ? { ...each, ...change } : each));

export class RunWriter {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Rejects with `version_conflict` where another writer was first. */
  async write(
    state: RunState,
    change: Partial<RunDocument>,
    steps: readonly StepState[] = state.steps,
  ): Promise<RunState> {
    const document = { ...state.stored.document, ...change, steps: JSON.stringify(steps) };
    const version = await this.#parts.store.replace(document, state.stored.version);
    return { ...state, stored: { ...state.stored, version, document }, steps };
  }

  writeStep(state: RunState, at: number, change: Partial<StepState>): Promise<RunState> {
    return this.write(state, { nextTryAtMs: undefined }, changed(state.steps, at, change));
  }

  writeCompensation(
    state: RunState,
    { at, index }: Place,
    change: Partial<CompensationState>,
  ): Promise<RunState> {
    const compensation = state.steps[at]!.compensation!.map((each, place) =>
      place === index ? { ...each, ...change } : each,
    );
    return this.writeStep(state, at, { compensation });
  }

  /** To be written where a run ends or stops. */
  over(): Partial<RunDocument> {
    return { openSinceMs: undefined, nextTryAtMs: undefined, endedAtMs: this.#parts.clock.nowMs() };
  }

  /** The account and the first of its nonces that are this run's, or why not. */
  async reserve({ stored }: RunState, count: number): Promise<Reserved> {
    const params = { reservationId: stored.document.runId };
    try {
      return await this.#parts.deployment.reserve({ params, body: { count, ttlMs: RESERVED_MS } });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      return { refused: { code: error.code, detail: error.detail ?? 'The account cannot be reserved now.' } };
    }
  }

  /** What is not released runs out by itself. */
  async release({ stored }: RunState): Promise<void> {
    const { runId } = stored.document;
    await this.#parts.deployment
      .release({ params: { reservationId: runId } })
      .catch((err) => this.#parts.log.warn({ err, runId }, 'could not release the account'));
  }
}
