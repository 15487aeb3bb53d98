import { setTimeout as delay } from 'node:timers/promises';

const WAIT_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Waits until it holds; what it throws counts as not yet. @throws Error after a minute, or `timeoutMs` */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  timeoutMs = WAIT_TIMEOUT_MS,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > endMs) throw new Error(`${what}: not so after ${timeoutMs} ms`);
    await delay(POLL_MS);
  }
}
