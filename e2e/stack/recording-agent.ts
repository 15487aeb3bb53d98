/**
 * A capture agent of the tests, written from the recorder's contract alone. It numbers its bytes, sends again what was lost
 * before it was durable, and remembers every promise that was made to it: what was called durable, and which events have a place.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { sessionOrchestratorContract, sessionRecorderContract } from '@lucid/contracts';
import type { Client } from '@lucid/service-kit';
import { ProblemError } from '@lucid/service-kit';

export interface AgentClients {
  readonly recorder: Client<typeof sessionRecorderContract>;
  readonly orchestrator: Client<typeof sessionOrchestratorContract>;
}

export const agentContracts = {
  recorder: sessionRecorderContract,
  orchestrator: sessionOrchestratorContract,
} as const;

const PASSING = new Set([
  'unavailable',
  'deadline_exceeded',
  'too_many_requests',
  'internal',
  'bad_answer',
  'store_full',
]);
const ENDING = new Set(['session_lost', 'recording_unknown', 'recording_not_running']);
const RETRY_MS = 30;
const PATIENCE_MS = 60_000;

const codeOf = (error: unknown): string | null => (error instanceof ProblemError ? error.code : null);
const nowUs = (): number => Date.now() * 1000;

export interface AgentOptions {
  readonly sessionId: string;
  readonly track?: number;
  readonly content: Buffer;
  readonly sliceBytes: number;
  /** How long a call is repeated that fails in a way that passes. */
  readonly patienceMs?: number;
}

export class RecordingAgent {
  readonly options: AgentOptions;
  readonly #clients: AgentClients;
  /** Bytes that were called durable: the promise. */
  durableBytes = 0;
  acceptedBytes = 0;
  /** Texts of the events that were given a place in the log. */
  readonly placedEvents: string[] = [];
  /** The problem that said that the session cannot go on. */
  lost: string | null = null;

  constructor(options: AgentOptions, clients: AgentClients) {
    this.options = options;
    this.#clients = clients;
  }

  get #params() {
    return { sessionId: this.options.sessionId, track: this.options.track ?? 0 };
  }

  /** Sends on to `until`, whatever fails on the way. Stops early where the session is lost. */
  async send(until: number): Promise<void> {
    const { content, sliceBytes } = this.options;
    while (this.acceptedBytes < until && this.lost === null) {
      const offset = this.acceptedBytes;
      const body = content.subarray(offset, Math.min(until, offset + sliceBytes));
      const query = { offset, fromUs: nowUs(), untilUs: nowUs() };
      const answer = await this.#patiently(() =>
        this.#clients.recorder.putBytes({ params: this.#params, query, body }),
      );
      if (answer) this.#learn(answer);
    }
  }

  /** An event that carries a text; remembered only where it was given a place. A repeat after a lost answer may stand twice. */
  async note(text: string): Promise<void> {
    const { sessionId } = this.#params;
    const body = { event: 'note' as const, atUs: nowUs(), detail: { text } };
    const placed = await this.#patiently(() =>
      this.#clients.recorder.putEvent({ params: { sessionId }, body }),
    );
    if (placed) this.placedEvents.push(text);
  }

  /** Resolves when all `until` bytes are durable, or the session is lost. */
  async makeDurable(until: number): Promise<void> {
    const { sessionId, track } = this.#params;
    while (this.durableBytes < until && this.lost === null) {
      await this.send(until);
      const recording = await this.#patiently(() =>
        this.#clients.recorder.flushRecording({ params: { sessionId } }),
      );
      const mine = recording?.tracks.find((each) => each.track === track);
      if (mine) this.#learn(mine);
    }
  }

  #learn({ acceptedBytes, durableBytes }: { acceptedBytes: number; durableBytes: number }): void {
    this.acceptedBytes = acceptedBytes;
    this.durableBytes = Math.max(this.durableBytes, durableBytes);
  }

  /** The work's answer; null where it has to be thought over: another offset, or the end. */
  async #patiently<T>(work: () => Promise<T>): Promise<T | null> {
    const until = performance.now() + (this.options.patienceMs ?? PATIENCE_MS);
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const code = codeOf(error);
        if (code === 'offset_mismatch') {
          this.acceptedBytes = Number((error as ProblemError).extensions?.expected);
          return null;
        }
        if (code !== null && ENDING.has(code)) {
          this.lost = code;
          return null;
        }
        if (code === null || !PASSING.has(code) || performance.now() > until) throw error;
        await delay(RETRY_MS);
      }
    }
  }
}

export type SessionDocument = Awaited<ReturnType<AgentClients['orchestrator']['getSession']>>;

/** Waits for the state, asking; rejects after `timeoutMs` with what it was instead. */
export async function whenInState(
  orchestrator: AgentClients['orchestrator'],
  sessionId: string,
  options: { states: readonly string[]; timeoutMs: number },
): Promise<SessionDocument> {
  const until = performance.now() + options.timeoutMs;
  for (;;) {
    const session = await orchestrator.getSession({ params: { sessionId } }).catch((error: unknown) => {
      if (codeOf(error) && PASSING.has(codeOf(error) as string)) return null;
      throw error;
    });
    if (session && options.states.includes(session.state)) return session;
    if (performance.now() > until) {
      const found = session ? `${session.state} ${session.step ?? ''} ${session.reason ?? ''}` : 'no answer';
      throw new Error(
        `session is not ${options.states.join(' or ')} after ${options.timeoutMs} ms: ${found}`,
      );
    }
    await delay(RETRY_MS);
  }
}
