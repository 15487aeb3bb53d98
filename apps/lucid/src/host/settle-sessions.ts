/**
 * What a killed host left unfinished is finished by the next one, though that may be a command which lives for a moment only:
 * it waits here, for a short while, until no session of the data folder is left half way.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type SessionState, sessionOrchestratorContract } from '@lucid/contracts';
import { anchoringOf } from './anchoring.ts';
import type { Lucid } from './lucid.ts';

const HALF_WAY: readonly SessionState[] = ['starting', 'recording', 'paused', 'stopped', 'processing'];
const POLL_MS = 20;
const PAGE = 200;

export interface SettleOptions {
  /** Longest wait in all; default 5,000, and as much as `anchorMs` more where a session is to be anchored. */
  readonly timeoutMs?: number;
  /** Longest wait without any progress: what does not move waits for something that is not here. Default 2,000. */
  readonly patienceMs?: number;
  /** Longest wait for the first try to anchor: the chain is opened for it. Default 10,000. */
  readonly anchorMs?: number;
}

/** How far the sessions that are left half way are; `untried`: whether one waits for a first try to anchor it. */
interface HalfWay {
  readonly text: string;
  readonly untried: boolean;
}

type Asked = { readonly sessionId: string; readonly state: SessionState; readonly step?: string | undefined };

/** Tries to anchor each session, as this command found it. */
type Tries = Map<string, number>;

async function tellAnchoring(
  lucid: Lucid,
  { sessionId, step }: Asked,
  tries: Tries,
): Promise<[string, boolean]> {
  if (step !== 'anchor') return ['', false];
  const anchoring = await anchoringOf(lucid, sessionId);
  if (anchoring === null) return ['', false];
  const { status, attempts } = anchoring;
  const before = tries.get(sessionId) ?? attempts;
  tries.set(sessionId, before);
  return [`${status} ${attempts}`, status === 'pending' && attempts === before];
}

async function halfWay(lucid: Lucid, tries: Tries): Promise<HalfWay> {
  const orchestrator = lucid.clientOf(sessionOrchestratorContract);
  const pages = await Promise.all(
    HALF_WAY.map((state) => orchestrator.listSessions({ query: { state, limit: PAGE } })),
  );
  const all = await Promise.all(
    pages
      .flatMap(({ sessions }) => sessions)
      .map(async (session) => {
        const [anchoring, untried] = await tellAnchoring(lucid, session, tries);
        const { sessionId, state, step = '' } = session;
        return { text: `${sessionId} ${state} ${step} ${anchoring}`, untried };
      }),
  );
  return { text: all.map(({ text }) => text).join('\n'), untried: all.some(({ untried }) => untried) };
}

/** Resolves to whether everything is finished. A host in another process sees to it by itself. */
export async function settleSessions(
  lucid: Lucid,
  { timeoutMs = 5_000, patienceMs = 2_000, anchorMs = 10_000 }: SettleOptions = {},
): Promise<boolean> {
  if (lucid.desk === null) return true;
  const beganMs = performance.now();
  const tries: Tries = new Map();
  let movedMs = beganMs;
  let before = '';
  for (;;) {
    const { text, untried } = await halfWay(lucid, tries);
    if (text === '') return true;
    if (text !== before) movedMs = performance.now();
    before = text;
    const moreMs = untried ? anchorMs : 0;
    const untilMs = beganMs + timeoutMs + (tries.size > 0 ? anchorMs : 0);
    if (performance.now() > Math.min(untilMs, movedMs + patienceMs + moreMs)) return false;
    await delay(POLL_MS);
  }
}
