/** What people and services may do to a session while it is not being processed. */
import { bytesToHex } from '@lucid/bytes';
import type { InputOf, sessionOrchestratorContract } from '@lucid/contracts';
import { type Call, isProblem } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { Closing, SessionRow } from '../store/session-row.ts';
import type { SessionChange } from '../store/session-store.ts';
import { nowUs } from './clock-us.ts';
import type { Dependencies } from './dependencies.ts';
import { deletionOf } from './retention.ts';
import { nextState, type SessionEvent } from './state-machine.ts';

type Operations = (typeof sessionOrchestratorContract)['operations'];
export type NewSession = InputOf<Operations['createSession']>['body'];

const SESSION_ID_BYTES = 32;
const DEFAULT_CHUNK_BYTES = 1_048_576;

export const HOST_STOPPED =
  'the host stopped unexpectedly; the session was closed at its last durable record';

export const TOO_LONG = 'the session reached the longest time that sessions may last here';

export const wrongState = (row: SessionRow) =>
  problem('wrong_state', {
    detail: `The session is ${row.state}.`,
    extensions: { state: row.state, ...(row.failure ? { reason: row.failure.reason } : {}) },
  });

/** The change of a stop, or null where the session is not being recorded. */
export function stopChange(row: SessionRow, closing: Closing, nowMs: number): SessionChange | null {
  const state = nextState(row.state, 'stop');
  if (!state) return null;
  // When an interrupted session ended, its closing record says.
  const ended = closing.closed === 'ended' ? { endedAtUs: closing.atUs } : {};
  return { state, closing, ...ended, step: 'close', attempts: 0, dueAtMs: nowMs };
}

export class Lifecycle {
  readonly #dependencies: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws ProblemError invalid_request, store_full */
  async create(body: NewSession): Promise<SessionRow> {
    const { store, random, clock, unused } = this.#dependencies;
    const { chunkSizeBytes = DEFAULT_CHUNK_BYTES, ...rest } = body;
    if (new Set(body.tracks.map(({ track }) => track)).size < body.tracks.length)
      throw problem('invalid_request', { detail: 'Two tracks have the same number.' });
    const row: SessionRow = {
      ...rest,
      sessionId: bytesToHex(random(SESSION_ID_BYTES)),
      state: 'created',
      chunkSizeBytes,
      createdAtUs: nowUs(clock),
      anchored: false,
      attempts: 0,
      dueAtMs: clock.nowMs() + unused.startWithinMs,
    };
    await store.insert(row);
    return row;
  }

  /** The recorder first, then the row: a pause that is cut off is not recorded as one, and asking again completes it. */
  async pause(sessionId: string, call: Call): Promise<SessionRow> {
    return this.#turn(sessionId, 'pause', () =>
      this.#dependencies.recorder.pauseRecording({ params: { sessionId } }, { call }),
    );
  }

  async resume(sessionId: string, call: Call): Promise<SessionRow> {
    return this.#turn(sessionId, 'resume', () =>
      this.#dependencies.recorder.resumeRecording({ params: { sessionId } }, { call }),
    );
  }

  /** Idempotent: a session that was stopped already is answered as it is. @throws ProblemError wrong_state */
  async stop(
    sessionId: string,
    { closed, reason }: { readonly closed: Closing['closed']; readonly reason?: string | undefined },
  ): Promise<SessionRow> {
    const { store, clock, wakeup } = this.#dependencies;
    const why = reason ?? (closed === 'interrupted' ? 'no reason was given' : undefined);
    const closing: Closing = { closed, atUs: nowUs(clock), reason: why };
    const row = await store.change(sessionId, (current) => stopChange(current, closing, clock.nowMs()));
    if (row.state === 'created' || row.state === 'starting' || row.state === 'deleted') throw wrongState(row);
    wakeup.notify();
    return row;
  }

  /** @throws ProblemError wrong_state while it is being started, recorded or processed */
  async delete(sessionId: string, by: string, reason: string): Promise<SessionRow> {
    const { store, clock, wakeup } = this.#dependencies;
    const row = await store.change(sessionId, (current) => deletionOf(current, { by, reason, clock }));
    if (row.state !== 'deleted') throw wrongState(row);
    wakeup.notify();
    return row;
  }

  /** @throws ProblemError not_dead */
  async retryDeadLetter(sessionId: string): Promise<SessionRow> {
    const { store, clock, wakeup } = this.#dependencies;
    const row = await store.change(sessionId, (current) => {
      if (current.deadSinceMs === undefined) throw problem('not_dead');
      return {
        state: nextState(current.state, 'retry') ?? current.state,
        deadSinceMs: undefined,
        failure: undefined,
        attempts: 0,
        dueAtMs: clock.nowMs(),
      };
    });
    wakeup.notify();
    return row;
  }

  /** Waits until the session satisfies `until` or the time is over; resolves to it as it is then. */
  async waitUntil(
    sessionId: string,
    until: (row: SessionRow) => boolean,
    options: { readonly waitMs: number; readonly signal: AbortSignal },
  ): Promise<SessionRow> {
    const { store, clock, changes } = this.#dependencies;
    const over = clock.nowMs() + options.waitMs;
    for (;;) {
      const woken = new AbortController();
      const changed = changes.next(sessionId, woken.signal);
      try {
        const { document } = await store.get(sessionId);
        const leftMs = over - clock.nowMs();
        if (until(document) || leftMs <= 0 || options.signal.aborted) return document;
        // Another process may be the one that changes it.
        const pause = clock.sleep(Math.min(leftMs, 1_000), AbortSignal.any([woken.signal, options.signal]));
        await Promise.race([changed, pause.catch(() => {})]);
      } finally {
        woken.abort();
      }
    }
  }

  async #turn(
    sessionId: string,
    event: Extract<SessionEvent, 'pause' | 'resume'>,
    ask: () => Promise<unknown>,
  ): Promise<SessionRow> {
    const { store } = this.#dependencies;
    const { document } = await store.get(sessionId);
    const target = event === 'pause' ? 'paused' : 'recording';
    if (document.state === target) return document;
    if (!nextState(document.state, event)) throw wrongState(document);
    try {
      await ask();
    } catch (error) {
      if (!isProblem(error, 'recording_unknown', 'session_lost')) throw error;
      throw wrongState(await this.stop(sessionId, { closed: 'interrupted', reason: HOST_STOPPED }));
    }
    const row = await store.change(sessionId, (current) => {
      const state = nextState(current.state, event);
      return state && { state };
    });
    if (row.state !== target) throw wrongState(row);
    return row;
  }
}
