/** Writes the tail of a finished bundle again: new recipients, or an anchor with more cosignatures. */
import { isProblem } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { SessionRow } from '../store/session-row.ts';
import type { Dependencies } from './dependencies.ts';
import type { SessionLeases } from './session-lease.ts';
import { writeBundle } from './steps/bundle.ts';
import { anchorOf } from './steps/follow-anchor.ts';

const LEASE_RETRY_MS = 50;

export async function refreshBundle(
  dependencies: Dependencies,
  leases: SessionLeases,
  { sessionId, signal }: { readonly sessionId: string; readonly signal: AbortSignal },
): Promise<SessionRow> {
  for (;;) {
    const done = await leases.run(sessionId, signal, () => refresh(dependencies, sessionId));
    if (done) return done.result;
    await dependencies.clock.sleep(LEASE_RETRY_MS, signal);
  }
}

async function refresh(dependencies: Dependencies, sessionId: string): Promise<SessionRow> {
  const { store } = dependencies;
  const { document } = await store.get(sessionId);
  if (document.state === 'deleted') throw problem('session_deleted');
  if (document.state !== 'completed') throw problem('not_ready');
  await refreshAnchor(dependencies, sessionId);
  const bundle = await writeBundle(sessionId, dependencies);
  return store.change(sessionId, (row) =>
    row.state === 'completed' && row.bundle !== bundle ? { bundle } : null,
  );
}

/** The anchor that is there stays good: where the chain cannot be asked now, the bundle is written with it. */
async function refreshAnchor({ store, chain, log }: Dependencies, sessionId: string): Promise<void> {
  try {
    const anchor = anchorOf(await chain.refreshAnchor({ params: { sessionId } }));
    if (anchor) await store.saveEvidence({ ...(await store.evidence(sessionId)), anchor });
  } catch (error) {
    if (!isProblem(error)) throw error;
    log.warn({ sessionId, err: error }, 'could not ask for a newer anchor');
  }
}
