/** What goes on beside requests. */
import type { Clock, Log, Worker } from '@lucid/service-kit';
import type { AuditAnchoring } from '../domain/audit-anchoring.ts';
import type { AuditLog } from '../domain/audit-log.ts';
import type { Logins } from '../domain/logins.ts';
import type { Revocations } from '../domain/revocations.ts';
import type { Rotation } from '../domain/rotation.ts';
import type { Tables } from '../store/rows.ts';
import { createRepeating } from './every.ts';

/** Other instances' revocations are heard this late. */
const REVOCATIONS_MS = 1_000;
/** Part of the time that a key is published before it signs. */
const KEYS_MS = 5_000;
const SWEEP_MS = 60_000;
const CUT_MS = 3_600_000;
const RETRY_MS = 1_000;
const ANCHOR_RETRY_MS = 15_000;

interface WorkersOptions {
  readonly tables: Tables;
  readonly revocations: Revocations;
  readonly rotation: Rotation;
  readonly logins: Logins;
  readonly audit: AuditLog;
  readonly anchoring: AuditAnchoring;
  readonly auditMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

export function createWorkers(options: WorkersOptions): readonly Worker[] {
  const { tables, revocations, rotation, logins, audit, anchoring, auditMs, clock, log } = options;
  const every = (name: string, pauseMs: number, work: () => Promise<unknown>) =>
    createRepeating({ ...{ name, clock, log, retryMs: RETRY_MS }, work: () => work().then(() => pauseMs) });
  const sweep = async () => {
    await tables.documents.sweepExpired(clock.nowMs());
    await revocations.sweep();
    const { items } = await tables.users.find({ index: 'ending', equals: [true], limit: 100 });
    for (const { document } of items) await logins.endAll(document.address);
  };
  return [
    every('revocations', REVOCATIONS_MS, () => revocations.poll()),
    every('signing-keys', KEYS_MS, () => rotation.keep()),
    every('sweep', SWEEP_MS, sweep),
    every('audit-retention', CUT_MS, () => audit.cutOff(clock.nowMs() - auditMs)),
    createRepeating({
      ...{ name: 'audit-anchoring', clock, log, retryMs: ANCHOR_RETRY_MS },
      work: () => anchoring.round(),
    }),
  ];
}
