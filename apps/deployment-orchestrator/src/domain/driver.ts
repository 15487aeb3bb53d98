/**
 * Drives a run by one move at a time; each move begins and ends with a write of the run's record.
 *
 *     running       reserve the account's nonces, foretell addresses
 *                   then for each step: started -> (waits …) -> done
 *     stopped       a step failed, or what may pass did not in all tries
 *     compensating  compensations of what was done, the last step first -> compensated (`compensator.ts`)
 *
 * A process may end between any two writes: the move is made again, and what was sent keeps its id (`step-runner.ts`).
 */
import type { Run } from '@lucid/contracts';
import type { Stored } from '@lucid/document-store';
import type { Clock } from '@lucid/service-kit';
import type { Static } from 'typebox';
import type { RunDocument, StepState } from '../store/run-store.ts';
import type { Compensator } from './compensator.ts';
import { foretold } from './dry-runs.ts';
import { isSent, nonceOffset, retryOf, sentCount } from './plan.ts';
import { type RunState, runStateOf, scopeOf } from './run-state.ts';
import { changed, type Fault, type RunWriter } from './run-writer.ts';
import { resultsOf } from './scope.ts';
import { isNews, type StepOutcome, type StepRunner } from './step-runner.ts';

interface Parts {
  readonly writer: RunWriter;
  readonly compensator: Compensator;
  readonly runner: StepRunner;
  readonly clock: Clock;
  readonly pollMs: number;
}

type Stop = NonNullable<Static<typeof Run>['stopped']>;
/** Milliseconds until the next move; null where the run is over or stopped. */
type Pause = number | null;

export class Driver {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async move(stored: Stored<RunDocument>): Promise<Pause> {
    const { status, nextTryAtMs = 0, openSinceMs, firstNonce } = stored.document;
    if (openSinceMs === undefined) return null;
    const restMs = nextTryAtMs - this.#parts.clock.nowMs();
    if (restMs > 0) return restMs;
    const state = runStateOf(stored);
    if (status === 'compensating') return this.#parts.compensator.move(state);
    if (firstNonce === undefined) return this.#begin(state);
    const at = state.steps.findIndex((each) => each.status !== 'done');
    return at < 0 ? this.#finish(state) : this.#step(state, at);
  }

  /** Nonces are reserved before anything is sent, so that every address is known. */
  async #begin(state: RunState): Promise<Pause> {
    const { plan, inputs } = state;
    const reserved = await this.#parts.writer.reserve(state, Math.max(1, sentCount(plan)));
    if ('refused' in reserved) return this.#mayPass(state, 0, reserved.refused);
    const { account, firstNonce } = reserved;
    const addresses = foretold(plan, { account, inputs, firstNonce }).steps;
    const steps = state.steps.map((each) => {
      const address = each.kind === 'deploy' ? addresses.get(each.id)?.address : undefined;
      return { ...each, tries: 0, ...(address === undefined ? {} : { address }) };
    });
    await this.#parts.writer.write(state, { account, firstNonce, nextTryAtMs: undefined }, steps);
    return 0;
  }

  async #step(before: RunState, at: number): Promise<Pause> {
    const { writer, runner, clock } = this.#parts;
    const step = before.plan.steps[at]!;
    const isNew = before.steps[at]!.status !== 'started';
    const begun = { status: 'started', startedAtMs: clock.nowMs() } as const;
    const state = isNew ? await writer.writeStep(before, at, begun) : before;
    if (isSent(step)) {
      const left = sentCount(state.plan) - nonceOffset(state.plan, step.id);
      const reserved = await writer.reserve(state, left);
      if ('refused' in reserved) return this.#mayPass(state, at, reserved.refused);
    }
    const { runId, firstNonce = 0 } = state.stored.document;
    const running = { runId, plan: state.plan, scope: scopeOf(state), firstNonce, state: state.steps[at]! };
    return this.#took(state, at, await runner.run(step, running));
  }

  async #took(state: RunState, at: number, outcome: StepOutcome): Promise<Pause> {
    switch (outcome.kind) {
      case 'done': {
        const done = { ...outcome.change, status: 'done', failure: undefined } as never;
        await this.#parts.writer.writeStep(state, at, done);
        return 0;
      }
      case 'waits':
        return this.#waits(state, at, outcome.change);
      case 'passes':
        return this.#mayPass(state, at, outcome.failure);
      case 'failed':
        return this.#failed(state, at, outcome);
    }
  }

  async #waits(state: RunState, at: number, change: Partial<StepState>): Promise<Pause> {
    const { clock, writer, pollMs } = this.#parts;
    const own = state.steps[at]!;
    const { timeoutMs } = retryOf(state.plan);
    if (clock.nowMs() - (own.startedAtMs ?? 0) >= timeoutMs) {
      const detail = `It was not done in ${timeoutMs / 1_000} s. It may still come: resume.`;
      return this.#stop(state, at, { ...change, failure: { code: 'step_timed_out', detail } });
    }
    if (isNews(own, change)) await writer.writeStep(state, at, change);
    return pollMs;
  }

  /** Again after a pause, doubled each time; stopped when there were enough. */
  async #mayPass(state: RunState, at: number, failure: Fault): Promise<Pause> {
    const tries = state.steps[at]!.tries + 1;
    const { attempts, delayMs } = retryOf(state.plan);
    if (tries >= attempts) return this.#stop(state, at, { tries, failure });
    const pauseMs = delayMs * 2 ** (tries - 1);
    const nextTryAtMs = this.#parts.clock.nowMs() + pauseMs;
    await this.#parts.writer.write(state, { nextTryAtMs }, changed(state.steps, at, { tries, failure }));
    return pauseMs;
  }

  async #finish(state: RunState): Promise<Pause> {
    const { writer } = this.#parts;
    await writer.release(state);
    const results = JSON.stringify(resultsOf(state.plan, scopeOf(state)));
    await writer.write(state, { status: 'done', results, ...writer.over() });
    return null;
  }

  /** Of what does not pass by itself. */
  async #failed(
    state: RunState,
    at: number,
    outcome: Extract<StepOutcome, { kind: 'failed' }>,
  ): Promise<Pause> {
    const { writer } = this.#parts;
    const { failure, mayResume, change } = outcome;
    const failed = { ...change, failure, tries: state.steps[at]!.tries + 1 };
    if (state.plan.onFailure === 'stop') return this.#stop(state, at, failed, mayResume);
    const steps = changed(state.steps, at, { ...failed, status: 'failed' });
    const stopped = { step: state.steps[at]!.id, ...failure, mayResume: false };
    await writer.write(state, { status: 'compensating', stopped, nextTryAtMs: undefined }, steps);
    return 0;
  }

  /** Where it may go on, the account stays its own for a while. */
  async #stop(
    state: RunState,
    at: number,
    change: Partial<StepState> & { readonly failure: Fault },
    mayResume = true,
  ): Promise<Pause> {
    const { writer } = this.#parts;
    const stopped: Stop = { step: state.steps[at]!.id, ...change.failure, mayResume };
    if (!mayResume) await writer.release(state);
    const steps = changed(state.steps, at, { ...change, status: 'failed' });
    await writer.write(state, { status: 'stopped', stopped, ...writer.over() }, steps);
    return null;
  }
}
