/** Takes back what a run did: compensations of its steps, the last step first; one move at a time. */
import type { Clock } from '@lucid/service-kit';
import type { StepState } from '../store/run-store.ts';
import { retryOf, type SentStep } from './plan.ts';
import { type RunState, scopeOf } from './run-state.ts';
import type { Fault, Place, RunWriter } from './run-writer.ts';
import { isNews, type StepOutcome, type StepRunner, stepIdOf } from './step-runner.ts';

interface Parts {
  readonly writer: RunWriter;
  readonly runner: StepRunner;
  readonly clock: Clock;
  readonly pollMs: number;
}

export class Compensator {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Milliseconds until the next move; null where the roll-back is over or stopped. */
  async move(before: RunState): Promise<number | null> {
    const { writer, runner } = this.#parts;
    const late = before.steps.findIndex(mayStillCome);
    if (late >= 0) return this.#settle(before, late);
    const place = nextCompensation(before);
    if (place === null) {
      await writer.release(before);
      await writer.write(before, { status: 'compensated', ...writer.over() });
      return null;
    }
    const isNew = stateAt(before, place).status === 'waiting';
    const state = isNew ? await writer.writeCompensation(before, place, { status: 'started' }) : before;
    const reserved = await writer.reserve(state, 1);
    if ('refused' in reserved) return this.#mayPass(state, place, reserved.refused);
    const { runId } = state.stored.document;
    const step = state.plan.steps[place.at] as SentStep;
    const outcome = await runner.compensate(step.compensation![place.index]!, {
      id: `${stepIdOf(runId, step.id)}.undo${place.index}`,
      lost: stateAt(state, place).lost ?? 0,
      ...{ scope: scopeOf(state), reservationId: runId },
    });
    return this.#took(state, place, outcome);
  }

  /** A step whose block did not come in time: it has its nonce, which every compensation comes after. */
  async #settle(state: RunState, at: number): Promise<number> {
    const { writer, runner, pollMs } = this.#parts;
    const { runId, firstNonce = 0 } = state.stored.document;
    const running = { runId, plan: state.plan, scope: scopeOf(state), firstNonce, state: state.steps[at]! };
    const outcome = await runner.run(state.plan.steps[at]!, running);
    if (outcome.kind === 'done')
      await writer.writeStep(state, at, { ...outcome.change, status: 'done', failure: undefined } as never);
    else if (outcome.kind === 'failed')
      await writer.writeStep(state, at, { ...outcome.change, failure: outcome.failure });
    return outcome.kind === 'done' || outcome.kind === 'failed' ? 0 : pollMs;
  }

  async #took(state: RunState, place: Place, outcome: StepOutcome): Promise<number | null> {
    const { writer, pollMs } = this.#parts;
    switch (outcome.kind) {
      case 'passes':
        return this.#mayPass(state, place, outcome.failure);
      case 'waits':
        if (isNews(stateAt(state, place), outcome.change))
          await writer.writeCompensation(state, place, outcome.change);
        return pollMs;
      case 'done': {
        const { events: _, ...change } = outcome.change;
        const done = { ...change, status: 'done', failure: undefined } as const;
        await writer.writeCompensation(state, place, done as never);
        return 0;
      }
      case 'failed':
        return this.#fails(state, place, outcome);
    }
  }

  async #mayPass(state: RunState, place: Place, failure: Fault): Promise<number | null> {
    const { writer, clock } = this.#parts;
    const { attempts, delayMs } = retryOf(state.plan);
    const tries = stateAt(state, place).tries + 1;
    if (tries >= attempts) return this.#fails(state, place, { failure, change: {} });
    const pauseMs = delayMs * 2 ** (tries - 1);
    const after = await writer.writeCompensation(state, place, { tries, failure });
    await writer.write(after, { nextTryAtMs: clock.nowMs() + pauseMs });
    return pauseMs;
  }

  /** Stopped; asking for the roll-back again goes on with this one, as another transaction where it used up its nonce. */
  async #fails(
    state: RunState,
    place: Place,
    { failure, change }: Pick<Extract<StepOutcome, { kind: 'failed' }>, 'failure' | 'change'>,
  ): Promise<null> {
    const { writer } = this.#parts;
    const { lost = 0 } = stateAt(state, place);
    const counted = change.nonce === undefined ? {} : { lost: lost + 1 };
    const failed = { ...counted, status: 'failed', failure, tries: 0 } as const;
    const after = await writer.writeCompensation(state, place, failed);
    await writer.release(after);
    const stopped = {
      ...{ step: state.steps[place.at]!.id, code: failure.code, mayResume: false },
      detail: `Its compensation: ${failure.detail}`,
    };
    await writer.write(after, { status: 'stopped', stopped, ...writer.over() });
    return null;
  }
}

const mayStillCome = ({ status, failure, nonce }: StepState): boolean =>
  status === 'failed' && failure?.code === 'step_timed_out' && nonce !== undefined;

const stateAt = ({ steps }: RunState, { at, index }: Place) => steps[at]!.compensation![index]!;

/** Of the last step that was done and has one left; null where none has. */
function nextCompensation({ steps }: RunState): Place | null {
  for (let at = steps.length - 1; at >= 0; at--) {
    const { status, compensation = [] } = steps[at]!;
    const index = compensation.findIndex((each) => each.status !== 'done');
    if (status === 'done' && index >= 0) return { at, index };
  }
  return null;
}
