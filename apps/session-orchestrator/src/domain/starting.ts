/** Starting a session: key and record 0 first, then the recorder. Both are idempotent, so a start that was cut off is done again. */
import { type CallOptions, isProblem } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { SessionRow } from '../store/session-row.ts';
import { nowUs } from './clock-us.ts';
import type { Dependencies } from './dependencies.ts';
import { type Failure, failureOf } from './failure.ts';
import { stopChange, wrongState } from './lifecycle.ts';
import { nextState } from './state-machine.ts';
import { destroyContent } from './steps/deletion.ts';
import { expiryOf } from './unused.ts';

type Call = CallOptions['call'];

/** Answers after which this session can never be recorded. */
const hopeless = [
  'session_exists',
  'key_forgotten',
  'recording_exists',
  'session_lost',
  'record_damaged',
  'store_full',
  'invalid_request',
] as const;

export class Starting {
  readonly #dependencies: Dependencies;
  readonly #underWay = new Map<string, Promise<SessionRow>>();

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  isUnderWay(sessionId: string): boolean {
    return this.#underWay.has(sessionId);
  }

  /** Resolves when it is recording; a second caller waits for the first. @throws ProblemError wrong_state, store_full, invalid_request */
  start(sessionId: string, call?: Call): Promise<SessionRow> {
    const running = this.#underWay.get(sessionId);
    if (running) return running;
    // A caller that goes away does not leave the session half started.
    const lasting = call && { ...call, signal: new AbortController().signal };
    const starting = this.#start(sessionId, lasting).finally(() => this.#underWay.delete(sessionId));
    this.#underWay.set(sessionId, starting);
    return starting;
  }

  /**
   * Gives a start up; the key, if there is one, is forgotten. Bytes may have been taken though the start was never answered, so
   * a session that has records is closed as a recording that was interrupted; only one that has none is failed, and the empty
   * file that was made for it is removed before, so that a start that is given up twice removes it too.
   */
  async giveUp(
    sessionId: string,
    why: { readonly failed: Failure; readonly interrupted: string },
  ): Promise<SessionRow> {
    const { store, clock, wakeup } = this.#dependencies;
    const hasRecords = await this.#forgetKey(sessionId);
    if (!hasRecords) await destroyContent(sessionId, this.#dependencies);
    const row = await store.change(sessionId, (current) => {
      if (current.state !== 'starting') return null;
      if (!hasRecords) return { state: nextState('starting', 'fail') ?? current.state, failure: why.failed };
      const recording = { ...current, state: nextState('starting', 'started') ?? current.state };
      const closing = { closed: 'interrupted' as const, atUs: nowUs(clock), reason: why.interrupted };
      return stopChange(recording, closing, clock.nowMs());
    });
    wakeup.notify();
    return row;
  }

  /** Whether anything was stored of the session. */
  async #forgetKey(sessionId: string): Promise<boolean> {
    const { encryptor } = this.#dependencies;
    const params = { sessionId };
    try {
      await encryptor.forgetKey({ params });
      return (await encryptor.recordsHead({ params })).records > 0;
    } catch (error) {
      if (isProblem(error, 'session_unknown')) return false;
      // Closing it will say so, and give the session up with that reason.
      if (isProblem(error, 'record_damaged')) return true;
      throw error;
    }
  }

  async #start(sessionId: string, call: Call): Promise<SessionRow> {
    const { store, clock, unused } = this.#dependencies;
    const row = await store.change(sessionId, (current) => {
      if (current.state !== 'created') return null;
      const started = { state: 'starting', startedAtUs: nowUs(clock), dueAtMs: undefined } as const;
      return expiryOf(current, unused, clock.nowMs()) ?? started;
    });
    if (row.state === 'recording' || row.state === 'paused') return row;
    if (row.state !== 'starting') throw wrongState(row);
    await this.#open(row, call);
    const started = await store.change(sessionId, (current) =>
      current.state === 'starting' ? { state: nextState('starting', 'started') ?? current.state } : null,
    );
    if (started.state !== 'recording' && started.state !== 'paused') throw wrongState(started);
    return started;
  }

  async #open(row: SessionRow, call: Call): Promise<void> {
    const { encryptor, recorder, clock } = this.#dependencies;
    const { sessionId, owner, title, policyHash, chunkSizeBytes, startedAtUs = nowUs(clock) } = row;
    const tracks = row.tracks.map((each) => ({ ...each }));
    const recipients = row.recipients.map(({ recipient, label }) => ({
      recipient,
      ...(label === undefined ? {} : { label }),
    }));
    const optional = {
      ...(title === undefined ? {} : { title }),
      ...(policyHash === undefined ? {} : { policyHash }),
    };
    const body = { owner, recipients, ...optional, startedAtUs, chunkSizeBytes, tracks };
    try {
      await encryptor.openSession({ params: { sessionId }, body }, { call });
      await recorder.startRecording({ body: { sessionId, chunkSizeBytes, tracks } }, { call });
    } catch (error) {
      if (!isProblem(error, ...hopeless)) throw error;
      const { fault, reason } = failureOf(error);
      const why = `could not be started: ${reason}`;
      const given = await this.giveUp(sessionId, { failed: { fault, reason: why }, interrupted: why });
      if (error.code === 'store_full') throw problem('store_full', { cause: error });
      if (error.code === 'invalid_request')
        throw problem('invalid_request', { ...(error.detail ? { detail: error.detail } : {}), cause: error });
      throw wrongState(given);
    }
  }
}
