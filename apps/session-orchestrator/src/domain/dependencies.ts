import type { ChunkStore } from '@lucid/chunk-store';
import type {
  merkleBuilderContract,
  onSystemChainClientContract,
  sessionEncryptorContract,
  sessionRecorderContract,
} from '@lucid/contracts';
import type { Client, Clock, Log, Wakeup } from '@lucid/service-kit';
import type { EvidenceRow, SessionRow } from '../store/session-row.ts';
import type { SessionChange, SessionStore } from '../store/session-store.ts';
import type { Backoff } from './backoff.ts';
import type { Changes } from './changes.ts';
import type { UnusedLimits } from './unused.ts';

/** Contracts of the services that a session passes through. */
export interface Clients {
  readonly recorder: Client<typeof sessionRecorderContract>;
  readonly encryptor: Client<typeof sessionEncryptorContract>;
  readonly merkle: Client<typeof merkleBuilderContract>;
  readonly chain: Client<typeof onSystemChainClientContract>;
}

export interface Dependencies extends Clients {
  readonly store: SessionStore;
  readonly chunks: ChunkStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: (sizeBytes: number) => Uint8Array;
  readonly backoff: Backoff;
  readonly changes: Changes;
  /** Told when a session has become due. */
  readonly wakeup: Wakeup;
  readonly maxAttempts: number;
  readonly startTimeoutMs: number;
  readonly superviseMs: number;
  readonly unused: UnusedLimits;
  readonly longestSessionMs: number;
  readonly retentionDays: number | undefined;
}

/** A processing step: what it found or did, to be stored before the next begins. */
export interface StepOutcome {
  readonly change: SessionChange;
  readonly evidence?: EvidenceRow;
}

export type StepWork = (
  row: SessionRow,
  dependencies: Dependencies,
  signal: AbortSignal,
) => Promise<StepOutcome>;
