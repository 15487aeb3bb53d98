/**
 * Takes a session from its stop to finished evidence, or from its deletion to its tombstone: step after step, each stored before the
 * next begins, each safe to do again. A step that fails is tried again later, and given up after some tries or at once where
 * trying again is pointless; what was given up waits in the dead letters with its reason.
 */
import type { SessionRow } from '../store/session-row.ts';
import type { SessionChange, StoredSession } from '../store/session-store.ts';
import { pauseMs } from './backoff.ts';
import type { Dependencies, StepOutcome, StepWork } from './dependencies.ts';
import { failureOf, isPermanent, NotYet } from './failure.ts';
import { deleteAtMs, deletionOf } from './retention.ts';
import type { SessionLeases } from './session-lease.ts';
import { nextState, type Step, stepAfter } from './state-machine.ts';
import { anchorStep } from './steps/anchor.ts';
import { bundleStep } from './steps/bundle.ts';
import { closeStep } from './steps/close.ts';
import { destroyStep, tombstoneStep } from './steps/deletion.ts';
import { manifestStep } from './steps/manifest.ts';
import { treeStep } from './steps/tree.ts';
import { expiryOf, isExpired } from './unused.ts';

const steps: Readonly<Record<Step, StepWork>> = {
  close: closeStep,
  tree: treeStep,
  manifest: manifestStep,
  anchor: anchorStep,
  bundle: bundleStep,
  destroy: destroyStep,
  tombstone: tombstoneStep,
};

export class Processing {
  readonly #dependencies: Dependencies;
  readonly #leases: SessionLeases;

  constructor(dependencies: Dependencies, leases: SessionLeases) {
    this.#dependencies = dependencies;
    this.#leases = leases;
  }

  /** Works on a session for as long as it is due. False where another process is at it. Rejects only where the store fails. */
  async run(sessionId: string, signal: AbortSignal): Promise<boolean> {
    const done = await this.#leases.run(sessionId, signal, async (leased) => {
      while (!leased.aborted) {
        const stored = await this.#dependencies.store.get(sessionId);
        if (!this.#isDue(stored.document)) return;
        if (isExpired(stored.document)) return this.#dependencies.store.forget(stored);
        await this.#advance(stored, leased);
      }
    });
    return done !== null;
  }

  #isDue({ dueAtMs }: SessionRow): boolean {
    return dueAtMs !== undefined && dueAtMs <= this.#dependencies.clock.nowMs();
  }

  async #advance(stored: StoredSession, signal: AbortSignal): Promise<void> {
    const { store, clock, unused } = this.#dependencies;
    const row = stored.document;
    const expiry = expiryOf(row, unused, clock.nowMs());
    if (expiry) {
      await store.replace(stored, expiry);
      return;
    }
    if (row.step === undefined || row.deadSinceMs !== undefined) {
      // Nothing is left to do but to delete what need not be kept any longer.
      const deletion = deletionOf(row, { by: 'retention', reason: 'retention', clock });
      await store.replace(stored, deletion ?? { dueAtMs: undefined });
      return;
    }
    if (row.state === 'stopped' && row.step === 'close') {
      await store.replace(stored, { state: nextState(row.state, 'process') ?? row.state });
      return;
    }
    await this.#try(stored, row.step, signal);
  }

  async #try(stored: StoredSession, step: Step, signal: AbortSignal): Promise<void> {
    let outcome: StepOutcome;
    try {
      outcome = await steps[step](stored.document, this.#dependencies, signal);
    } catch (error) {
      if (signal.aborted) return;
      await this.#failed(stored, step, error);
      return;
    }
    const { change, evidence } = outcome;
    await this.#dependencies.store.replace(
      stored,
      { ...this.#forward(stored.document, step), ...change },
      evidence,
    );
  }

  #forward(row: SessionRow, step: Step): SessionChange {
    const next = stepAfter(step);
    const settled = { attempts: 0, failure: undefined };
    if (next) return { ...settled, step: next, dueAtMs: this.#dependencies.clock.nowMs() };
    const state = row.state === 'deleted' ? row.state : (nextState(row.state, 'complete') ?? row.state);
    return { ...settled, step: undefined, state, dueAtMs: undefined };
  }

  async #failed(stored: StoredSession, step: Step, error: unknown): Promise<void> {
    const { store, clock, log, maxAttempts, backoff } = this.#dependencies;
    const { sessionId, state } = stored.document;
    if (error instanceof NotYet) {
      await store.replace(stored, { dueAtMs: clock.nowMs() + error.retryAfterMs });
      return;
    }
    const attempts = stored.document.attempts + 1;
    const { fault, reason } = failureOf(error);
    const failure = { fault, reason: `${step}: ${reason}` };
    const dead = isPermanent(error) || attempts >= maxAttempts;
    log[dead ? 'error' : 'warn'](
      { sessionId, step, attempts, err: error },
      dead ? 'gave up' : 'will try again',
    );
    const again = { attempts, failure, dueAtMs: clock.nowMs() + pauseMs(backoff, attempts) };
    const given = {
      attempts,
      failure,
      dueAtMs: state === 'deleted' ? undefined : deleteAtMs(stored.document),
      deadSinceMs: clock.nowMs(),
      state: nextState(state, 'fail') ?? state,
    };
    await store.replace(stored, dead ? given : again);
  }
}
