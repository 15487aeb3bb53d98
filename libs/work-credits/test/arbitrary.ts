/** Claims and windows for the tests. */
import fc from 'fast-check';
import {
  DEFAULT_PARAMETERS,
  slotStartMs,
  type TaskClaim,
  type TaskType,
  type WorkCreditParameters,
} from '../src/index.ts';

export const nodeName = (index: number): string => index.toString(16).padStart(64, '0');

/** A day of 60-second slots would do as well; the shortest window keeps tests small. */
export const DAY_WINDOW: WorkCreditParameters = { ...DEFAULT_PARAMETERS, leaderWindowDays: 1 };

export const beacon = (node: number, slot: number, uptimeSeconds = 120): TaskClaim => ({
  nodeId: nodeName(node),
  slot,
  ts: slotStartMs(slot, DEFAULT_PARAMETERS),
  type: 'uptime_beacon',
  value: { uptimeSeconds },
});

export const validation = (node: number, slot: number, validatedSessions: number): TaskClaim => ({
  nodeId: nodeName(node),
  slot,
  ts: slotStartMs(slot, DEFAULT_PARAMETERS),
  type: 'validation_signature',
  value: { validatedSessions },
});

const counts: { readonly [Type in TaskType]: fc.Arbitrary<Record<string, number>> } = {
  relay_bandwidth: fc.record({ bytesTransferred: fc.nat(2 ** 31 - 1), sessionsRelayed: fc.nat(50) }),
  storage_availability: fc
    .record({ chunksStored: fc.nat(1000), sizeBytes: fc.nat(2 ** 31 - 1) })
    .map((value) => ({ ...value, sizeBytes: value.sizeBytes + value.chunksStored * 1024 })),
  validation_signature: fc.record({ validatedSessions: fc.nat(30) }),
  uptime_beacon: fc.record({ uptimeSeconds: fc.nat(120) }),
};

export interface ClaimRange {
  readonly nodes: number;
  readonly slots: readonly [first: number, last: number];
}

/** Few nodes, slots and values, so that repetitions and contradictions come up. */
export const claims = ({ nodes, slots: [min, max] }: ClaimRange): fc.Arbitrary<TaskClaim> =>
  fc
    .record({
      node: fc.nat(nodes - 1),
      pool: fc.constantFrom(undefined, undefined, 'alpha', 'beta'),
      slot: fc.integer({ min, max }),
      type: fc.constantFrom<TaskType>(
        'relay_bandwidth',
        'storage_availability',
        'validation_signature',
        'uptime_beacon',
      ),
    })
    .chain(({ node, pool, slot, type }) =>
      counts[type].map((value) => {
        const ts = slotStartMs(slot, DEFAULT_PARAMETERS);
        const claim = { nodeId: nodeName(node), slot, ts, type, value } as TaskClaim;
        return pool === undefined ? claim : { ...claim, poolId: pool };
      }),
    );
