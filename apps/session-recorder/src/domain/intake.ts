/** What agents hand in: bytes, events, signs of life. */
import type { InputOf, OutputOf, sessionRecorderContract } from '@lucid/contracts';
import { type Clock, isProblem } from '@lucid/service-kit';
import { encodeDocument, type SessionEvent } from '@lucid/session-format';
import type { ChunkerPort } from './chunker-port.ts';
import { chunkerProblem, problem } from './problems.ts';
import type { Recording, RecordingView } from './recording.ts';
import type { Call, Recordings } from './recordings.ts';
import type { SessionEvents } from './session-events.ts';

type Operations = (typeof sessionRecorderContract)['operations'];

interface IntakeDependencies {
  readonly recordings: Recordings;
  readonly chunker: ChunkerPort;
  readonly events: SessionEvents;
  readonly clock: Clock;
}

export class Intake {
  readonly #dependencies: IntakeDependencies;

  constructor(dependencies: IntakeDependencies) {
    this.#dependencies = dependencies;
  }

  async putBytes(
    { params, query, body }: InputOf<Operations['putBytes']>,
    call: Call,
  ): Promise<OutputOf<Operations['putBytes']>> {
    const { sessionId, track } = params;
    const recording = await this.#seen(sessionId, call);
    if (recording.state !== 'recording') throw problem('recording_not_running');
    const judge = () => {
      const progress = recording.get(track);
      if (!progress) throw problem('track_unknown');
      if (query.offset > progress.acceptedBytes)
        throw problem('offset_mismatch', { extensions: { expected: progress.acceptedBytes } });
    };
    judge();
    const answer = await this.#forward(
      recording,
      () => this.#dependencies.chunker.appendBytes({ params, query, body }, { call }),
      { call, again: judge, track },
    );
    if (recording.advance(track, answer)) this.#tellDurable(recording, track);
    return answer;
  }

  /** Pausing and resuming change the recording's state and have operations of their own. */
  async putEvent(sessionId: string, event: SessionEvent, call: Call): Promise<{ index: number }> {
    if (event.event === 'pause' || event.event === 'resume')
      throw problem('invalid_request', { detail: `Use ${event.event}Recording.` });
    const recording = await this.#seen(sessionId, call).catch(notRunningIsUnknown);
    if (event.track !== undefined && !recording.get(event.track))
      throw problem('invalid_request', { detail: 'The recording has no such track.' });
    return this.writeEvent(recording, event, call);
  }

  async writeEvent(recording: Recording, event: SessionEvent, call: Call): Promise<{ index: number }> {
    const { sessionId } = recording;
    try {
      encodeDocument('sessionEvent', event);
    } catch (error) {
      throw problem('invalid_request', { detail: (error as Error).message, cause: error });
    }
    const answer = await this.#forward(
      recording,
      () => this.#dependencies.chunker.appendEvent({ params: { sessionId }, body: event }, { call }),
      { call },
    );
    this.#dependencies.events(sessionId, { type: 'event', event: event.event, index: answer.index });
    return answer;
  }

  /** What is durable may have grown since the last bytes: chunks are cut by age too. */
  async heartbeat(sessionId: string, call: Call): Promise<RecordingView> {
    const recording = await this.#seen(sessionId, call).catch(notRunningIsUnknown);
    if (recording.undurable) {
      const head = await this.#openStream(recording, call);
      for (const track of recording.learn(head)) this.#tellDurable(recording, track);
    }
    return recording.view();
  }

  async flush(sessionId: string, call: Call): Promise<RecordingView> {
    const recording = await this.#seen(sessionId, call).catch(notRunningIsUnknown);
    await this.settle(recording, call);
    return recording.view();
  }

  /** Makes everything accepted durable; accepted bytes that turn out to be gone are counted as not accepted. Returns whether any are. */
  async settle(recording: Recording, call: Call): Promise<boolean> {
    const before = recording.accepted();
    const { sessionId } = recording;
    const head = await this.#forward(
      recording,
      () => this.#dependencies.chunker.flushStream({ params: { sessionId } }, { call }),
      { call },
    );
    for (const track of recording.learn(head)) this.#tellDurable(recording, track);
    const gone = [...before].filter(
      ([track, accepted]) => accepted > (recording.get(track)?.durableBytes ?? 0),
    );
    for (const [track] of gone) recording.expect(track, recording.get(track)?.durableBytes ?? 0);
    const durable = new Map(head.tracks.map((each) => [each.track, each.plainBytes]));
    return [...before].some(([track, accepted]) => accepted > (durable.get(track) ?? 0));
  }

  async #seen(sessionId: string, call: Call): Promise<Recording> {
    const recording = await this.#dependencies.recordings.live(sessionId, call);
    recording.lastSeenMs = this.#dependencies.clock.nowMs();
    return recording;
  }

  /** Calls the chunker; where it was started anew meanwhile, opens the stream again and calls once more. */
  async #forward<T>(
    recording: Recording,
    work: () => Promise<T>,
    { call, again, track }: { readonly call: Call; readonly again?: () => void; readonly track?: number },
  ): Promise<T> {
    try {
      return await work().catch(async (error: unknown) => {
        if (!isProblem(error, 'stream_unknown')) throw error;
        recording.startOver(await this.#openStream(recording, call));
        again?.();
        return work();
      });
    } catch (error) {
      const { expected } = isProblem(error, 'offset_mismatch') ? error.extensions : {};
      if (track !== undefined && typeof expected === 'number') {
        recording.expect(track, expected);
        throw problem('offset_mismatch', { extensions: { expected }, cause: error });
      }
      if (isProblem(error, 'session_lost')) recording.lost = true;
      throw chunkerProblem(error);
    }
  }

  async #openStream(recording: Recording, call: Call) {
    try {
      return await this.#dependencies.recordings.openStream(recording, call);
    } catch (error) {
      if (isProblem(error, 'session_lost')) recording.lost = true;
      throw error;
    }
  }

  #tellDurable(recording: Recording, track: number): void {
    const durableBytes = recording.get(track)?.durableBytes ?? 0;
    this.#dependencies.events(recording.sessionId, { type: 'durable', track, durableBytes });
  }
}

/** Operations that tell no difference between a stopped and an unknown recording. */
function notRunningIsUnknown(error: unknown): never {
  if (isProblem(error, 'recording_not_running')) throw problem('recording_unknown', { cause: error });
  throw error;
}
