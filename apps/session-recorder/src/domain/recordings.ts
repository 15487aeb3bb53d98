/** The recordings that run here: taken up from the document store when this process does not know them yet. */
import type { InputOf, sessionRecorderContract } from '@lucid/contracts';
import { scan } from '@lucid/document-store';
import { canonicalJson } from '@lucid/jcs';
import { type CallOptions, type Clock, storing } from '@lucid/service-kit';
import type { RecordingRow, RecordingStore } from '../store/recording-store.ts';
import type { ChunkerPort } from './chunker-port.ts';
import { chunkerProblem, problem } from './problems.ts';
import { Recording, type RecordsHead } from './recording.ts';

type StartBody = InputOf<(typeof sessionRecorderContract)['operations']['startRecording']>['body'];
export type Call = CallOptions['call'];

/** For so long a stopped recording is told apart from an unknown one. */
const REMEMBER_STOPPED_MS = 24 * 3_600_000;

interface RecordingsDependencies {
  readonly store: RecordingStore;
  readonly chunker: ChunkerPort;
  readonly clock: Clock;
}

export class Recordings {
  readonly #dependencies: RecordingsDependencies;
  readonly #recordings = new Map<string, Recording>();
  readonly #taking = new Map<string, Promise<Recording>>();
  #awake: () => void = () => {};

  constructor(dependencies: RecordingsDependencies) {
    this.#dependencies = dependencies;
  }

  running(): Recording[] {
    return [...this.#recordings.values()];
  }

  /** Resolves when there is something to watch. */
  async whenRunning(signal: AbortSignal): Promise<void> {
    if (this.#recordings.size > 0 || signal.aborted) return;
    let onAbort = () => {};
    await new Promise<void>((resolve) => {
      this.#awake = resolve;
      onAbort = resolve;
      signal.addEventListener('abort', onAbort, { once: true });
    });
    signal.removeEventListener('abort', onAbort);
  }

  /** @throws recording_exists, session_lost */
  async start(body: StartBody, call: Call): Promise<Recording> {
    const { sessionId, chunkSizeBytes, tracks } = body;
    const found = await storing(this.#dependencies.store.get(sessionId));
    if (found && !isSameStart(found.document, body)) throw problem('recording_exists');
    if (found?.document.state === 'stopped') throw problem('session_lost');
    const head = await this.openStream({ sessionId, chunkSizeBytes }, call);
    const row: RecordingRow = found?.document ?? {
      sessionId,
      state: 'recording',
      chunkSizeBytes,
      tracks: [...tracks],
    };
    if (!found) await storing(this.#dependencies.store.upsert(row));
    return this.#add(row, head);
  }

  /** A recording that runs or is paused. @throws recording_unknown, recording_not_running where it was stopped, session_lost */
  async live(sessionId: string, call: Call): Promise<Recording> {
    const known = this.#recordings.get(sessionId);
    if (known) return known;
    const recording = await this.#takeUp(sessionId, call);
    if (recording.state === 'stopped') throw problem('recording_not_running');
    return recording;
  }

  /** Any recording that is remembered. @throws recording_unknown */
  async any(sessionId: string, call: Call): Promise<Recording> {
    return this.#recordings.get(sessionId) ?? this.#takeUp(sessionId, call);
  }

  known(sessionId: string): Recording | null {
    return this.#recordings.get(sessionId) ?? null;
  }

  /** Sessions that were being recorded when this process was not there. */
  async *abandoned(): AsyncGenerator<string> {
    for (const state of ['recording', 'paused']) {
      for await (const { key } of scan(this.#dependencies.store, { index: 'byState', equals: [state] }))
        if (!this.#recordings.has(key)) yield key;
    }
  }

  async openStream(
    of: { readonly sessionId: string; readonly chunkSizeBytes: number },
    call: Call,
  ): Promise<RecordsHead> {
    const { sessionId, chunkSizeBytes } = of;
    try {
      return await this.#dependencies.chunker.openStream(
        { params: { sessionId }, body: { chunkSizeBytes } },
        { call },
      );
    } catch (error) {
      throw chunkerProblem(error);
    }
  }

  async saveState(recording: Recording, state: 'recording' | 'paused'): Promise<void> {
    const { store } = this.#dependencies;
    const found = await storing(store.get(recording.sessionId));
    if (found) await storing(store.replace({ ...found.document, state }, found.version));
  }

  /** Remembers the end for a day and forgets the recording. */
  async saveStopped(sessionId: string, head: RecordsHead | null): Promise<void> {
    const { store, clock } = this.#dependencies;
    this.#recordings.delete(sessionId);
    const found = await storing(store.get(sessionId));
    if (!found || found.document.state === 'stopped') return;
    const finalBytes = head?.tracks.map(({ track, plainBytes }) => ({ track, plainBytes })) ?? [];
    const expiresAtMs = clock.nowMs() + REMEMBER_STOPPED_MS;
    await storing(store.upsert({ ...found.document, state: 'stopped', finalBytes, expiresAtMs }));
  }

  #takeUp(sessionId: string, call: Call): Promise<Recording> {
    const running = this.#taking.get(sessionId);
    if (running) return running;
    const own = this.#load(sessionId, call).finally(() => this.#taking.delete(sessionId));
    this.#taking.set(sessionId, own);
    return own;
  }

  async #load(sessionId: string, call: Call): Promise<Recording> {
    const found = await storing(this.#dependencies.store.get(sessionId));
    if (!found) throw problem('recording_unknown');
    const row = found.document;
    if (row.state === 'stopped') return new Recording(row, this.#dependencies.clock.nowMs());
    return this.#add(row, await this.openStream(row, call));
  }

  #add(row: RecordingRow, head: RecordsHead): Recording {
    const known = this.#recordings.get(row.sessionId);
    if (known) {
      known.learn(head);
      return known;
    }
    const recording = new Recording(row, this.#dependencies.clock.nowMs());
    recording.startOver(head);
    this.#recordings.set(row.sessionId, recording);
    this.#awake();
    return recording;
  }
}

function isSameStart(row: RecordingRow, { chunkSizeBytes, tracks }: StartBody): boolean {
  const shape = (each: readonly RecordingRow['tracks'][number][]) =>
    canonicalJson([...each].sort((a, b) => a.track - b.track));
  return row.chunkSizeBytes === chunkSizeBytes && shape(row.tracks) === shape(tracks);
}
