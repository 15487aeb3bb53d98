/** Tells the recorder that somebody stands behind a session while its bytes do not come through the recorder. */
import { sessionRecorderContract } from '@lucid/contracts';
import type { Lucid } from '../host/lucid.ts';

const BEAT_MS = 2_000;

/** Returns what ends it. A beat that fails is no matter: work on a session that is gone fails by itself. */
export function keepAlive(lucid: Lucid, sessionId: string): () => void {
  const recorder = lucid.clientOf(sessionRecorderContract);
  const timer = setInterval(() => {
    recorder.heartbeat({ params: { sessionId } }).catch(() => {});
  }, BEAT_MS);
  timer.unref();
  return () => clearInterval(timer);
}
