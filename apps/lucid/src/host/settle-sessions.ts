/**
 * What a killed host left unfinished is finished by the next one, though that may be a command which lives for a moment only:
 * it waits here, for a short while, until no session of the data folder is left half way.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type SessionState, sessionOrchestratorContract } from '@lucid/contracts';
import type { Lucid } from './lucid.ts';

const HALF_WAY: readonly SessionState[] = ['starting', 'recording', 'paused', 'stopped', 'processing'];
const POLL_MS = 20;
const PAGE = 200;

export interface SettleOptions {
  /** Longest wait in all; default 5,000. */
  readonly timeoutMs?: number;
  /** Longest wait without any progress: what does not move waits for something that is not here. Default 2,000. */
  readonly patienceMs?: number;
}

async function halfWay(orchestrator: Pick<ReturnType<typeof clientOf>, 'listSessions'>): Promise<string> {
  const pages = await Promise.all(
    HALF_WAY.map((state) => orchestrator.listSessions({ query: { state, limit: PAGE } })),
  );
  return pages
    .flatMap(({ sessions }) =>
      sessions.map(({ sessionId, state, step }) => `${sessionId} ${state} ${step ?? ''}`),
    )
    .join('\n');
}

const clientOf = (lucid: Lucid) => lucid.clientOf(sessionOrchestratorContract);

/** Resolves to whether everything is finished. A host in another process sees to it by itself. */
export async function settleSessions(
  lucid: Lucid,
  { timeoutMs = 5_000, patienceMs = 2_000 }: SettleOptions = {},
): Promise<boolean> {
  if (lucid.desk === null) return true;
  const orchestrator = clientOf(lucid);
  const untilMs = performance.now() + timeoutMs;
  let movedMs = performance.now();
  let before = '';
  for (;;) {
    const now = await halfWay(orchestrator);
    if (now === '') return true;
    if (now !== before) movedMs = performance.now();
    before = now;
    if (performance.now() > Math.min(untilMs, movedMs + patienceMs)) return false;
    await delay(POLL_MS);
  }
}
