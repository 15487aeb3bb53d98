/** Pause, resume and stop. They run one at a time for each session. */
import type { InputOf, sessionRecorderContract } from '@lucid/contracts';
import { type Clock, isProblem, KeyedQueue } from '@lucid/service-kit';
import type { ChunkerPort } from './chunker-port.ts';
import type { Intake } from './intake.ts';
import { chunkerProblem, problem } from './problems.ts';
import type { Recording, RecordingView } from './recording.ts';
import type { Call, Recordings } from './recordings.ts';
import type { SessionEvents } from './session-events.ts';

type Closing = InputOf<(typeof sessionRecorderContract)['operations']['stopRecording']>['body'];

interface TransitionsDependencies {
  readonly recordings: Recordings;
  readonly intake: Intake;
  readonly chunker: ChunkerPort;
  readonly events: SessionEvents;
  readonly clock: Clock;
}

export class Transitions {
  readonly #dependencies: TransitionsDependencies;
  readonly #queue = new KeyedQueue();

  constructor(dependencies: TransitionsDependencies) {
    this.#dependencies = dependencies;
  }

  pause(sessionId: string, call: Call): Promise<RecordingView> {
    return this.#queue.run(sessionId, () => this.#change(sessionId, 'paused', call));
  }

  resume(sessionId: string, call: Call): Promise<RecordingView> {
    return this.#queue.run(sessionId, () => this.#change(sessionId, 'recording', call));
  }

  /** Closes the session's log. Works without a recording too: after a restart, and again. */
  stop(sessionId: string, closing: Closing, call: Call): Promise<{ records: number }> {
    return this.#queue.run(sessionId, async () => {
      const { recordings, chunker, events } = this.#dependencies;
      const recording = recordings.known(sessionId);
      if (recording) await this.#settle(recording, closing, call);
      const accepted = [...(recording?.accepted() ?? [])].map(([track, acceptedBytes]) => ({
        track,
        acceptedBytes,
      }));
      const head = await chunker
        .closeStream({ params: { sessionId }, body: { ...closing, accepted } }, { call })
        .catch((error: unknown) => Promise.reject(chunkerProblem(error)));
      await recordings.saveStopped(sessionId, head);
      events(sessionId, { type: 'recording', state: 'stopped' });
      return { records: head.records };
    });
  }

  /** No bytes are taken from here on. An end that hides lost bytes is refused; an interruption is not. */
  async #settle(recording: Recording, closing: Closing, call: Call): Promise<void> {
    const before = recording.state;
    recording.state = 'stopped';
    try {
      const gone = await this.#dependencies.intake.settle(recording, call);
      if (gone && closing.closed === 'ended')
        throw problem('bytes_missing', { extensions: { tracks: recording.view().tracks } });
    } catch (error) {
      // What was not heard to be durable may be stored all the same: the chunker judges that, by what is stored.
      if (isProblem(error, 'session_lost')) return;
      recording.state = before;
      throw error;
    }
  }

  async #change(sessionId: string, state: 'recording' | 'paused', call: Call): Promise<RecordingView> {
    const { recordings, intake, events, clock } = this.#dependencies;
    const recording = await recordings.live(sessionId, call).catch((error: unknown) => {
      throw isProblem(error, 'recording_not_running')
        ? problem('recording_unknown', { cause: error })
        : error;
    });
    const before = recording.state;
    if (before === state) return recording.view();
    // At once, so that bytes that come behind the request are refused; the event tells it in the evidence.
    recording.state = state === 'paused' ? 'paused' : before;
    try {
      const event = state === 'paused' ? 'pause' : 'resume';
      await intake.writeEvent(recording, { event, atUs: clock.nowMs() * 1000 }, call);
      await recordings.saveState(recording, state);
    } catch (error) {
      recording.state = before;
      throw error;
    }
    recording.state = state;
    recording.lastSeenMs = clock.nowMs();
    events(sessionId, { type: 'recording', state });
    return recording.view();
  }
}
