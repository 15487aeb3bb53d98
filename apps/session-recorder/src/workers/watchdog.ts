/**
 * Ends sessions whose capture agent fell silent, or that cannot go on: asks the orchestrator to stop them as interrupted. After
 * its own start it takes up what was being recorded before, so that an agent that died meanwhile is noticed too.
 */
import { type Clock, isProblem, type Log, type Worker } from '@lucid/service-kit';
import type { OrchestratorPort } from '../domain/chunker-port.ts';
import type { Recording } from '../domain/recording.ts';
import type { Recordings } from '../domain/recordings.ts';

interface WatchdogOptions {
  readonly agentTimeoutMs: number;
}

interface WatchdogDependencies {
  readonly recordings: Recordings;
  readonly orchestrator: OrchestratorPort;
  readonly clock: Clock;
  readonly log: Log;
}

/** Looks so often within the timeout. */
const LOOKS = 4;
/** A reason is at most 1,024 characters in the contracts. */
const LOST = 'the session key is gone (a service was started anew) or the session was closed';

export function createWatchdog(options: WatchdogOptions, dependencies: WatchdogDependencies): Worker {
  const { recordings, clock, log } = dependencies;
  let working: Promise<void> = Promise.resolve();
  const lookAll = async () => {
    for (const recording of recordings.running()) await look(recording, options, dependencies);
  };
  return {
    name: 'watchdog',
    async run(signal) {
      const abandoned = await takeUpAbandoned(dependencies);
      const pending = new Set(abandoned);
      while (!signal.aborted) {
        if (pending.size === 0) await recordings.whenRunning(signal);
        await clock.sleep(options.agentTimeoutMs / LOOKS, signal).catch(() => undefined);
        if (signal.aborted) return;
        working = lookAll().then(() => endAbandoned(pending, dependencies));
        await working.catch((error: unknown) => log.error({ err: error }, 'the watchdog could not look'));
      }
    },
    idle: () => working.catch(() => undefined),
  };
}

/** Sessions that could not be taken up. */
async function takeUpAbandoned({ recordings, log }: WatchdogDependencies): Promise<string[]> {
  const failed: string[] = [];
  try {
    for await (const sessionId of recordings.abandoned()) {
      await recordings.any(sessionId, undefined).catch((error: unknown) => {
        log.warn({ sessionId, err: error }, 'a recording could not be taken up');
        failed.push(sessionId);
      });
    }
  } catch (error) {
    log.error({ err: error }, 'recordings of before could not be listed');
  }
  return failed;
}

async function endAbandoned(pending: Set<string>, dependencies: WatchdogDependencies): Promise<void> {
  for (const sessionId of [...pending]) {
    const outcome = await dependencies.recordings.any(sessionId, undefined).catch((error: unknown) => error);
    const gone = isProblem(outcome, 'session_lost');
    if (!gone && isProblem(outcome, 'unavailable', 'deadline_exceeded')) continue;
    if (!gone || (await interrupt(sessionId, LOST, dependencies))) pending.delete(sessionId);
  }
}

async function look(
  recording: Recording,
  options: WatchdogOptions,
  dependencies: WatchdogDependencies,
): Promise<void> {
  const silentMs = dependencies.clock.nowMs() - recording.lastSeenMs;
  const { sessionId } = recording;
  if (recording.state === 'stopped') return;
  if (recording.lost) await interrupt(sessionId, LOST, dependencies);
  else if (silentMs > options.agentTimeoutMs)
    await interrupt(
      sessionId,
      `capture agent vanished: nothing heard for ${Math.floor(silentMs / 1000)} s`,
      dependencies,
    );
}

/** Whether nothing is left to do. */
async function interrupt(
  sessionId: string,
  reason: string,
  { orchestrator, recordings, log }: WatchdogDependencies,
): Promise<boolean> {
  log.warn({ sessionId, reason }, 'ending a session as interrupted');
  try {
    await orchestrator.stopSession({
      params: { sessionId },
      query: {},
      body: { closed: 'interrupted', reason },
    });
    return true;
  } catch (error) {
    if (isProblem(error, 'session_unknown', 'wrong_state')) {
      await recordings.saveStopped(sessionId, null);
      return true;
    }
    log.warn({ sessionId, err: error }, 'the orchestrator could not be asked to stop a session');
    return false;
  }
}
