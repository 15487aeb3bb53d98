import { processingSteps, type SessionState, sessionStates } from '@lucid/contracts';
import { deletionSteps, nextState, type SessionEvent, stepAfter } from './state-machine.ts';

const events: readonly SessionEvent[] = [
  'start',
  'started',
  'pause',
  'resume',
  'stop',
  'process',
  'complete',
  'fail',
  'retry',
  'delete',
];

/** The whole of it, written down a second time. */
const allowed: Readonly<Record<SessionState, readonly SessionState[]>> = {
  created: ['starting', 'failed', 'deleted'],
  starting: ['recording', 'failed'],
  recording: ['paused', 'stopped', 'failed'],
  paused: ['recording', 'stopped'],
  stopped: ['processing', 'deleted'],
  processing: ['completed', 'failed'],
  completed: ['deleted'],
  failed: ['processing', 'deleted'],
  deleted: [],
};

test.each(sessionStates)('%s leads where it may and nowhere else', (state) => {
  const reached = events.map((event) => nextState(state, event)).filter((each) => each !== null);
  expect([...reached].sort()).toEqual([...allowed[state]].sort());
});

test('every state is reached, and from every state deletion is', () => {
  const reachable = (from: SessionState): Set<SessionState> => {
    const seen = new Set<SessionState>([from]);
    for (const state of seen) for (const next of allowed[state]) seen.add(next);
    return seen;
  };
  expect([...reachable('created')].sort()).toEqual([...sessionStates].sort());
  for (const state of sessionStates) expect(reachable(state).has('deleted')).toBe(true);
});

test('steps follow each other in their order and end', () => {
  for (const steps of [processingSteps, deletionSteps]) {
    const followed = steps.map((step) => stepAfter(step));
    expect(followed).toEqual([...steps.slice(1), null]);
  }
});
