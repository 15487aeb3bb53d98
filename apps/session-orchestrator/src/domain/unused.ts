/** Sessions that were made and never started: when they are due they cannot be started any more, later they are forgotten. */
import type { SessionRow } from '../store/session-row.ts';
import type { SessionChange } from '../store/session-store.ts';
import { usToMs } from './clock-us.ts';
import { nextState } from './state-machine.ts';

/** Both from the session's making. */
export interface UnusedLimits {
  readonly startWithinMs: number;
  readonly forgetAfterMs: number;
}

/** The change of a session whose time to be started is over; null where it was started or still may be. */
export function expiryOf(row: SessionRow, limits: UnusedLimits, nowMs: number): SessionChange | null {
  const state = row.state === 'created' ? nextState(row.state, 'fail') : null;
  if (!state || row.dueAtMs === undefined || nowMs < row.dueAtMs) return null;
  return {
    state,
    failure: { fault: 'never_started', reason: 'it was not started in time' },
    dueAtMs: usToMs(row.createdAtUs) + limits.forgetAfterMs,
  };
}

/** One that expired. Nothing was recorded, so its row can go without a tombstone. */
export const isExpired = ({ state, startedAtUs }: SessionRow): boolean =>
  state === 'failed' && startedAtUs === undefined;
