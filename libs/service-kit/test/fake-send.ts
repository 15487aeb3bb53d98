import type { OperationSpec } from '@lucid/contracts';
import type { OutgoingCall, Send } from '../src/client/send.ts';
import type { Clock } from '../src/clock.ts';
import { ProblemError } from '../src/problem.ts';
import { notesContract } from './sample-service.ts';

/** A send that yields the given outcomes in turn: an error, the code of a problem, or `answer`. */
export function createFakeSend(outcomes: readonly (string | Error)[]) {
  const fake = {
    count: 0,
    send: (async () => {
      const outcome = outcomes[Math.min(fake.count, outcomes.length - 1)];
      fake.count += 1;
      if (outcome === 'answer') return outcome;
      throw typeof outcome === 'string' ? new ProblemError(outcome, { remote: 'notes' }) : outcome;
    }) as Send,
  };
  return fake;
}

export function createCall(
  clock: Clock,
  options: { idempotent?: boolean; deadlineMs?: number; signal?: AbortSignal } = {},
): OutgoingCall {
  const spec: OperationSpec = { ...notesContract.operations.getNote, idempotent: options.idempotent ?? true };
  return {
    contract: notesContract,
    operation: 'getNote',
    spec,
    input: { params: { noteId: 'a' } },
    requestId: 'request-1',
    deadlineAtMs: clock.nowMs() + (options.deadlineMs ?? 60_000),
    signal: options.signal,
  };
}
