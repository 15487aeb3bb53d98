/**
 * Compares sessions that should be running with the services that hold them. After a restart of the host the key of a session is
 * gone: it was in memory only. Such a session is closed at its last durable record, so that its evidence is finished, never lost.
 */
import { isProblem } from '@lucid/service-kit';
import type { SessionRow } from '../store/session-row.ts';
import { nowUs, usToMs } from './clock-us.ts';
import type { Dependencies } from './dependencies.ts';
import { HOST_STOPPED, stopChange, TOO_LONG } from './lifecycle.ts';
import type { Starting } from './starting.ts';
import { ASK_AGAIN_MS } from './steps/follow-anchor.ts';

const RUNNING = ['starting', 'recording', 'paused'] as const;
const NEVER_STORED = {
  fault: 'host_stopped',
  reason: 'the host stopped before the first record was stored',
} as const;
const LOOKED_AT_TOGETHER = 16;

/** What the encryptor has of a session; null where it never heard of it. */
type Held = { readonly records: number; readonly canGoOn: boolean };

export class Recovery {
  readonly #dependencies: Dependencies;
  readonly #starting: Starting;

  constructor(dependencies: Dependencies, starting: Starting) {
    this.#dependencies = dependencies;
    this.#starting = starting;
  }

  /** Sessions whose processing waits for a next try are tried at once: what they waited for may have been this host. */
  async hasten(): Promise<void> {
    const { store, clock, wakeup } = this.#dependencies;
    const waits = ({ step, deadSinceMs, dueAtMs = 0 }: SessionRow) =>
      step !== undefined && deadSinceMs === undefined && dueAtMs > clock.nowMs();
    for await (const { document } of store.dueBetween(
      clock.nowMs(),
      clock.nowMs() + this.#longestPauseMs(),
    )) {
      if (!waits(document)) continue;
      await store.change(document.sessionId, (row) => (waits(row) ? { dueAtMs: clock.nowMs() } : null));
    }
    wakeup.notify();
  }

  #longestPauseMs(): number {
    return Math.max(this.#dependencies.backoff.capMs, ASK_AGAIN_MS) + 1;
  }

  /** Looks at every running session. Resolves to how many could not be judged, because a service did not answer. */
  async lookAtAll({ atStart }: { readonly atStart: boolean }): Promise<number> {
    const { store } = this.#dependencies;
    let unjudged = 0;
    let group: Promise<boolean>[] = [];
    const settle = async () => {
      unjudged += (await Promise.all(group)).filter((judged) => !judged).length;
      group = [];
    };
    for (const state of RUNNING) {
      for await (const { document } of store.inState(state)) {
        group.push(this.#judged(document, atStart));
        if (group.length >= LOOKED_AT_TOGETHER) await settle();
      }
    }
    await settle();
    return unjudged;
  }

  async #judged(row: SessionRow, atStart: boolean): Promise<boolean> {
    try {
      await (row.state === 'starting' ? this.#lookAtStart(row, atStart) : this.#lookAtRecording(row));
      return true;
    } catch (error) {
      this.#dependencies.log.warn({ sessionId: row.sessionId, err: error }, 'could not look at a session');
      return false;
    }
  }

  async #held(sessionId: string): Promise<Held | null> {
    try {
      const head = await this.#dependencies.encryptor.recordsHead({ params: { sessionId } });
      return { records: head.records, canGoOn: head.keyHeld && head.closed === undefined };
    } catch (error) {
      if (isProblem(error, 'session_unknown')) return null;
      // Closing it will say so, and give the session up with that reason.
      if (isProblem(error, 'record_damaged')) return { records: 0, canGoOn: false };
      throw error;
    }
  }

  async #lookAtRecording({ sessionId, startedAtUs = 0 }: SessionRow): Promise<void> {
    const { clock, log, longestSessionMs } = this.#dependencies;
    const held = await this.#held(sessionId);
    const tooLong = clock.nowMs() >= usToMs(startedAtUs) + longestSessionMs;
    if (held?.canGoOn && !tooLong) return;
    const reason = held?.canGoOn ? TOO_LONG : HOST_STOPPED;
    log.warn({ sessionId, reason }, 'session cannot go on; closing it');
    await this.#interrupt(sessionId, reason);
  }

  async #lookAtStart({ sessionId, startedAtUs = 0 }: SessionRow, atStart: boolean): Promise<void> {
    const { clock, startTimeoutMs } = this.#dependencies;
    if (this.#starting.isUnderWay(sessionId)) return;
    const late = clock.nowMs() >= usToMs(startedAtUs) + startTimeoutMs;
    if (!atStart && !late) return;
    const held = await this.#held(sessionId);
    if (held?.canGoOn && held.records > 0 && !late) {
      await this.#starting.start(sessionId).catch((error) => {
        // It is failed then, and says why.
        if (!isProblem(error, 'wrong_state', 'store_full', 'invalid_request')) throw error;
      });
    } else await this.#starting.giveUp(sessionId, { failed: NEVER_STORED, interrupted: HOST_STOPPED });
  }

  async #interrupt(sessionId: string, reason: string): Promise<void> {
    const { store, clock } = this.#dependencies;
    const closing = { closed: 'interrupted' as const, atUs: nowUs(clock), reason };
    await store.change(sessionId, (row) => stopChange(row, closing, clock.nowMs()));
    this.#dependencies.wakeup.notify();
  }
}
