/** The tally of a set of proofs in one call, for replay and audit; a running node keeps a `WorkWindow`. */
import type { WorkCreditParameters } from './parameters.ts';
import { type Tally, tallyOf } from './score.ts';
import { windowSlots } from './slots.ts';
import type { TaskClaim } from './task-proof.ts';
import { type SlotOutcome, WorkWindow } from './work-window.ts';

export interface TallyInput {
  /** Judged claims (`judgeTaskProof`), in any order; those outside the window are passed over, repetitions count once. */
  readonly claims: Iterable<TaskClaim>;
  /** In any order; of two for one slot the first stands, so hand in one. */
  readonly outcomes?: Iterable<SlotOutcome>;
  readonly nextSlot: number;
  readonly parameters: WorkCreditParameters;
}

/** The same result for every order of the claims, and as a `WorkWindow` that took each in its time. */
export function tally({ claims, outcomes = [], nextSlot, parameters }: TallyInput): Tally {
  const window = new WorkWindow({ parameters, nextSlot, openSlots: windowSlots(parameters) });
  for (const claim of claims) window.add(claim);
  for (const outcome of outcomes) window.record(outcome);
  return tallyOf(window);
}
