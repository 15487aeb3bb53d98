/** How far a session's pipeline is, and what it came to. */
import type { OutputOf, sessionApiContract } from '@lucid/contracts';
import { isProblem } from '@lucid/service-kit';
import type { SessionRow } from '../store/session-row.ts';
import type { Dependencies } from './dependencies.ts';
import type { Pipeline } from './directory.ts';
import type { PolicySession } from './policy-session.ts';
import { isRunning } from './quotas.ts';

type Operations = (typeof sessionApiContract)['operations'];
export type SessionStatus = OutputOf<Operations['getStatus']>;
export type SessionStatistics = OutputOf<Operations['getStatistics']>;

/** Null where the service knows nothing of it (yet, or any more). */
async function known<T>(work: Promise<T>, ...codes: string[]): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isProblem(error, ...codes)) return null;
    throw error;
  }
}

const headOf = ({ sessionId }: Pipeline, { encryptor }: Dependencies) =>
  known(encryptor.recordsHead({ params: { sessionId } }), 'session_unknown', 'record_damaged');

export async function statusOf(pipeline: Pipeline, dependencies: Dependencies): Promise<SessionStatus> {
  const { sessionId, state, step, fault, reason, startedAtUs } = pipeline;
  const head = startedAtUs === undefined || state === 'deleted' ? null : await headOf(pipeline, dependencies);
  const recording = isRunning(pipeline)
    ? await known(dependencies.recorder.getRecording({ params: { sessionId } }), 'recording_unknown')
    : null;
  const sum = (of: 'acceptedBytes' | 'durableBytes') =>
    recording?.tracks.reduce((total, each) => total + each[of], 0) ?? 0;
  return {
    sessionId,
    state,
    pipeline: {
      ...(step === undefined ? {} : { step }),
      ...(fault === undefined ? {} : { fault }),
      ...(reason === undefined ? {} : { reason }),
      ...(head
        ? {
            stored: {
              records: head.records,
              chunks: head.chunks,
              events: head.events,
              plainBytes: head.plainBytes,
              storedBytes: head.storedBytes,
              capturedUntilUs: head.capturedUntilUs,
              keyHeld: head.keyHeld,
            },
          }
        : {}),
      ...(recording
        ? {
            recording: {
              acceptedBytes: sum('acceptedBytes'),
              durableBytes: sum('durableBytes'),
              lastSeenAtUs: recording.lastSeenAtUs,
            },
          }
        : {}),
    },
  };
}

export async function statisticsOf(
  given: { row: SessionRow; pipeline: Pipeline; held: PolicySession | undefined },
  dependencies: Dependencies,
): Promise<SessionStatistics> {
  const { row, pipeline, held } = given;
  const { sessionId, state, startedAtUs, endedAtUs } = pipeline;
  const head =
    pipeline.records === undefined && isRunning(pipeline) ? await headOf(pipeline, dependencies) : null;
  const { records = 0, chunks = 0, plainBytes = 0, storedBytes = 0 } = head ?? pipeline;
  const durationUs =
    startedAtUs === undefined || endedAtUs === undefined ? undefined : Math.max(0, endedAtUs - startedAtUs);
  const policy = {
    decisions: held?.decisions ?? row.decisions,
    denied: held?.denied ?? row.denied,
    approvals: row.approvals.length,
    filesMoved: held?.filesMoved ?? row.filesMoved,
  };
  return {
    ...{ sessionId, state, records, chunks, plainBytes, storedBytes },
    ...(durationUs === undefined ? {} : { durationUs }),
    ...(plainBytes === 0 ? {} : { storedPerPlain: storedBytes / plainBytes }),
    ...(row.policy ? { policy } : {}),
  };
}
