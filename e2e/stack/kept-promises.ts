/**
 * What was promised to a recording agent, held against the evidence: a recording that goes on through whatever dies meanwhile, and the
 * verdict over its file.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openBundle } from './bundle-opener.ts';
import { beginRecording } from './record-session.ts';
import {
  type AgentClients,
  type RecordingAgent,
  type SessionDocument,
  whenInState,
} from './recording-agent.ts';
import { runVerify } from './run-verify.ts';
import type { Seeded } from './seeded.ts';

const ROOT = join(__dirname, '../..');
/** The goal is 5 s; a loaded machine is given more before it counts as a failure. */
export const CLOSE_TIMEOUT_MS = 15_000;
const PATIENCE_TRIES = 60;

export const finished = ['completed', 'failed'] as const;

export interface Verdict {
  readonly status: number | null;
  readonly promised: number;
  readonly kept: number;
  readonly isPrefix: boolean;
  readonly whole: boolean;
  readonly eventsMissing: readonly string[];
}

/** The promises made to the agent, held against the evidence. */
export async function judge(path: string, agent: RecordingAgent, identity: string): Promise<Verdict> {
  const { content } = agent.options;
  const opened = await openBundle(path, identity);
  const kept = opened.content();
  const events = opened.records
    .filter((each) => each.type === 'event')
    .map((each) => JSON.parse(each.bytes.toString('utf8')).detail?.text);
  return {
    status: runVerify(ROOT, path).status,
    promised: agent.durableBytes,
    kept: kept.length,
    isPrefix: content.subarray(0, kept.length).equals(kept),
    whole: kept.length === content.length,
    eventsMissing: agent.placedEvents.filter((each) => !events.includes(each)),
  };
}

export function expectKept(what: string, session: SessionDocument, verdict: Verdict): void {
  const { status, promised, kept, isPrefix, whole, eventsMissing } = verdict;
  const { state, anchored } = session;
  expect({
    what,
    state,
    anchored,
    status,
    isPrefix,
    eventsMissing,
    lost: Math.max(0, promised - kept),
  }).toEqual({
    ...{ what, state: 'completed', anchored: true, status: 0, isPrefix: true, eventsMissing: [], lost: 0 },
  });
  if (session.closed === 'ended') expect([what, whole]).toEqual([what, true]);
  else expect([what, session.reason]).toEqual([what, expect.stringMatching(/\S/)]);
}

/** Repeats what a killed service may have failed; only for calls that may be repeated. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      const { code } = error as { code?: string };
      if (
        tries > PATIENCE_TRIES ||
        !['unavailable', 'deadline_exceeded', 'internal', 'bad_answer'].includes(code ?? '')
      )
        throw error;
      await delay(50);
    }
  }
}

export interface Recorded {
  readonly agent: RecordingAgent;
  readonly session: SessionDocument;
  readonly closingMs: number;
}

/** A session that died before it recorded anything is failed and says why; the user starts another. */
async function beginPatiently(
  clients: AgentClients,
  options: { content: Buffer; recipient: string; patienceMs?: number },
): Promise<RecordingAgent> {
  for (let tries = 0; ; tries++) {
    try {
      return await patiently(() => beginRecording(clients, { ...options, sliceBytes: 40_000 }));
    } catch (error) {
      if ((error as { code?: string }).code !== 'wrong_state' || tries > 5) throw error;
    }
  }
}

/** One recording from create to completed, whatever dies meanwhile; `back` resolves when it was started again. */
export async function recordThrough(
  clients: AgentClients,
  options: {
    content: Buffer;
    recipient: string;
    random: Seeded;
    back: Promise<unknown>;
    patienceMs?: number;
  },
): Promise<Recorded> {
  const { content, random, back } = options;
  const agent = await beginPatiently(clients, options);
  const { sessionId } = agent.options;
  for (let sent = 0; sent < content.length && agent.lost === null; ) {
    sent = Math.min(content.length, sent + 100_000 + random.below(200_000));
    await agent.send(sent);
    if (random.below(3) === 0) await agent.note(`note at ${sent}`);
  }
  await agent.makeDurable(content.length);
  if (agent.lost === null) {
    const stop = { params: { sessionId }, query: { waitMs: 5_000 }, body: { closed: 'ended' as const } };
    await patiently(() => clients.orchestrator.stopSession(stop));
  }
  await back;
  const backMs = performance.now();
  const waiting = { states: finished, timeoutMs: CLOSE_TIMEOUT_MS };
  const session = await whenInState(clients.orchestrator, sessionId, waiting);
  return { agent, session, closingMs: performance.now() - backMs };
}
