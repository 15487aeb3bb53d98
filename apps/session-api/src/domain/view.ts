/** A session as its people see it. */
import type { OutputOf, sessionApiContract } from '@lucid/contracts';
import type { Found, Pipeline } from './directory.ts';

export type UserSession = OutputOf<(typeof sessionApiContract)['operations']['getSession']>;

const present = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;

export function userSession({ row, you }: Found, pipeline: Pipeline): UserSession {
  const { sessionId, state, title, tracks, startedAtUs, endedAtUs, retainUntilUs, closed } = pipeline;
  const { fault, reason, records, chunks, plainBytes, storedBytes, merkleRoot, manifestHash } = pipeline;
  const { owner, type, parties, observers, policy, consents, createdAtUs, archivedAtUs } = row;
  return present({
    ...{ sessionId, state, owner, you: [...you], type, title, tracks, observers: [...observers] },
    ...(parties ? { parties: { ...parties } } : {}),
    ...{ policyHash: policy?.hash ?? pipeline.policyHash, termsHash: policy?.termsHash },
    ...{ consents: consents.map(({ role }) => role), createdAtUs, startedAtUs, endedAtUs, archivedAtUs },
    ...{ retainUntilUs, closed, fault, reason, records, chunks, plainBytes, storedBytes },
    ...{ merkleRoot, manifestHash, anchored: pipeline.anchored },
  }) as UserSession;
}
