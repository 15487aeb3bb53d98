/** The states of a session as a table: nothing else decides what may follow what. */
import { processingSteps, type SessionState } from '@lucid/contracts';

export type SessionEvent =
  | 'start'
  | 'started'
  | 'pause'
  | 'resume'
  | 'stop'
  | 'process'
  | 'complete'
  | 'fail'
  | 'retry'
  | 'delete';

const table: Readonly<Record<SessionState, Readonly<Partial<Record<SessionEvent, SessionState>>>>> = {
  // One that is never started fails in the end.
  created: { start: 'starting', fail: 'failed', delete: 'deleted' },
  starting: { started: 'recording', fail: 'failed' },
  recording: { pause: 'paused', stop: 'stopped', fail: 'failed' },
  paused: { resume: 'recording', stop: 'stopped' },
  stopped: { process: 'processing', delete: 'deleted' },
  processing: { complete: 'completed', fail: 'failed' },
  completed: { delete: 'deleted' },
  // A dead letter that an operator tries again.
  failed: { retry: 'processing', delete: 'deleted' },
  deleted: {},
};

/** The state after an event, or null where it may not happen. */
export const nextState = (state: SessionState, event: SessionEvent): SessionState | null =>
  table[state][event] ?? null;

type ProcessingStep = (typeof processingSteps)[number];

/** What destroys a deleted session. */
export const deletionSteps = ['destroy', 'tombstone'] as const;
type DeletionStep = (typeof deletionSteps)[number];

export type Step = ProcessingStep | DeletionStep;

/** The step after this one, or null after the last of its kind. */
export function stepAfter(step: Step): Step | null {
  const steps: readonly Step[] = (deletionSteps as readonly Step[]).includes(step)
    ? deletionSteps
    : processingSteps;
  return steps[steps.indexOf(step) + 1] ?? null;
}
