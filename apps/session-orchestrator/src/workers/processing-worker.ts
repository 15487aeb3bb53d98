/** Runs what is due, many sessions at once, and sleeps until the next is. */
import type { Clock, Log, Wakeup, Worker } from '@lucid/service-kit';
import type { Processing } from '../domain/processing.ts';
import type { SessionStore } from '../store/session-store.ts';

const RUN_TOGETHER = 8;
/** Of the document store. */
const PAGE_MAX = 1_000;
/** Work that another process left is found this late. */
const LONGEST_SLEEP_MS = 5_000;
const STORE_RETRY_MS = 500;

interface ProcessingWorkerOptions {
  readonly store: SessionStore;
  readonly processing: Processing;
  readonly wakeup: Wakeup;
  /** How long a session is left alone that another process is at, or whose row could not be read. */
  readonly leaveAloneMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export function createProcessingWorker(options: ProcessingWorkerOptions): Worker {
  const { store, processing, wakeup, leaveAloneMs, clock, log } = options;
  const running = new Map<string, Promise<void>>();
  const leftAloneUntilMs = new Map<string, number>();
  let working = false;

  const runOne = async (sessionId: string, signal: AbortSignal): Promise<void> => {
    try {
      if (await processing.run(sessionId, signal)) return;
    } catch (error) {
      if (!signal.aborted) log.error({ sessionId, err: error }, 'could not work on a session');
    }
    leftAloneUntilMs.set(sessionId, clock.nowMs() + leaveAloneMs);
  };
  const begin = (sessionId: string, signal: AbortSignal) => {
    const work = runOne(sessionId, signal).finally(() => {
      running.delete(sessionId);
      wakeup.notify();
    });
    running.set(sessionId, work);
  };

  /** Begins what is due; resolves to how long there is nothing else to begin. */
  const beginDue = async (signal: AbortSignal): Promise<number> => {
    const now = clock.nowMs();
    for (const [sessionId, untilMs] of leftAloneUntilMs)
      if (untilMs <= now) leftAloneUntilMs.delete(sessionId);
    const { items } = await store.due(
      Math.min(RUN_TOGETHER + running.size + leftAloneUntilMs.size + 1, PAGE_MAX),
    );
    let pauseMs = Math.min(
      LONGEST_SLEEP_MS,
      ...[...leftAloneUntilMs.values()].map((untilMs) => untilMs - now),
    );
    for (const { document } of items) {
      const { sessionId, dueAtMs = now } = document;
      if (running.has(sessionId) || leftAloneUntilMs.has(sessionId)) continue;
      if (dueAtMs > now) pauseMs = Math.min(pauseMs, dueAtMs - now);
      else if (running.size < RUN_TOGETHER) begin(sessionId, signal);
    }
    return Math.max(pauseMs, 1);
  };

  return {
    name: 'processing',
    async run(signal) {
      working = true;
      while (!signal.aborted) {
        const pauseMs = await beginDue(signal).catch((error) => {
          log.error({ err: error }, 'could not look for due sessions');
          return STORE_RETRY_MS;
        });
        await wakeup.wait(pauseMs, signal);
      }
      await Promise.all(running.values());
      working = false;
    },
    async idle() {
      while (working) {
        await Promise.all(running.values());
        const { items } = await store.due(PAGE_MAX);
        const dueNow = items.some(
          ({ document }) =>
            (document.dueAtMs ?? 0) <= clock.nowMs() && !leftAloneUntilMs.has(document.sessionId),
        );
        if (running.size === 0 && !dueNow) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}
