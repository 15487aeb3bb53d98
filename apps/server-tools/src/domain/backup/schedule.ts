/** When the daily backup is due: once behind each full hour that is set, also where the machine was off at that hour. */
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The latest moment at this hour, UTC, that is not after `nowMs`. */
export function lastDueMs(nowMs: number, hour: number): number {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS + hour * HOUR_MS;
  return today <= nowMs ? today : today - DAY_MS;
}

/** Milliseconds until a backup is due; 0: now. `newestMs` is when the newest finished one was begun. */
export function untilDueMs(nowMs: number, hour: number, newestMs: number | undefined): number {
  const dueMs = lastDueMs(nowMs, hour);
  return newestMs !== undefined && newestMs >= dueMs ? dueMs + DAY_MS - nowMs : 0;
}
