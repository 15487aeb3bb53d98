/** What a session becomes when it is deleted, and until when it is kept. */
import type { Clock } from '@lucid/service-kit';
import type { SessionRow } from '../store/session-row.ts';
import type { SessionChange } from '../store/session-store.ts';
import { nowUs, usToMs } from './clock-us.ts';
import { nextState } from './state-machine.ts';

const DAY_US = 86_400_000_000;

export const retainUntilUs = (endedAtUs: number, retentionDays: number | undefined): number | undefined =>
  retentionDays === undefined ? undefined : endedAtUs + retentionDays * DAY_US;

/** When the worker is to come back and delete it; undefined where it is kept. */
export const deleteAtMs = ({ retainUntilUs: untilUs }: SessionRow): number | undefined =>
  untilUs === undefined ? undefined : usToMs(untilUs);

/** The change that deletes it, or null where its state does not allow that. Content goes at once, the rest by the steps. */
export function deletionOf(
  row: SessionRow,
  { by, reason, clock }: { readonly by: string; readonly reason: string; readonly clock: Clock },
): SessionChange | null {
  const state = nextState(row.state, 'delete');
  if (!state) return null;
  return {
    state,
    deletion: { by, reason, atUs: nowUs(clock) },
    title: undefined,
    recipients: [],
    tracks: row.tracks.map(({ name: _name, ...track }) => track),
    bundle: undefined,
    closing: undefined,
    closeReason: undefined,
    failure: undefined,
    deadSinceMs: undefined,
    step: 'destroy',
    attempts: 0,
    dueAtMs: clock.nowMs(),
  };
}
