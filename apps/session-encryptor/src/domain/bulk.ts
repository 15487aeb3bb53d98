/**
 * For a host in the same process whose own workers seal a file: they borrow the key, write records to the session's pack
 * themselves, and this service counts them and sends their leaves.
 */

import type { KeyedQueue } from '@lucid/service-kit';
import type { KeyVault } from './key-vault.ts';
import { problem } from './problems.ts';
import type { SessionLog } from './session-log.ts';
import type { SessionLogs } from './session-logs.ts';

/** A chunk record that is durable in the chunk store already. */
export interface AdoptedRow {
  readonly index: number;
  /** The whole record, header included. */
  readonly sizeBytes: number;
  readonly plainSizeBytes: number;
  /** Time of its last byte. */
  readonly untilUs: number;
  readonly leafHash: Uint8Array;
  readonly track: number;
}

export interface BulkCapability {
  /** The key's own bytes, null where they are not held: not to be changed, and copied by who needs them for longer. */
  borrowKey(sessionId: string): Uint8Array | null;
  /** Where the next chunk of the track begins; null where the session is not open here or has no such track. */
  nextOffset(sessionId: string, track: number): number | null;
  /**
   * Counts rows that follow on without gap and resolves when their leaves are in the tree.
   * @throws ProblemError key_forgotten, session_closed, record_out_of_order
   */
  adopt(sessionId: string, rows: readonly AdoptedRow[]): Promise<void>;
}

export const createBulk = (dependencies: {
  readonly vault: KeyVault;
  readonly logs: SessionLogs;
  readonly queue: KeyedQueue;
}): BulkCapability => ({
  borrowKey: (sessionId) => dependencies.vault.borrow(sessionId),
  nextOffset(sessionId, track) {
    const log = dependencies.logs.live(sessionId);
    return log?.hasTrack(track) ? log.nextOffset(track) : null;
  },
  adopt: (sessionId, rows) =>
    dependencies.queue.run(sessionId, async () => {
      // Not opened through the store: while a pack is being written the chunk store must not be asked about it.
      const log = dependencies.logs.live(sessionId);
      if (!log) throw problem('key_forgotten');
      if (log.closed) throw problem('session_closed');
      adoptRows(log, rows);
      await log.acknowledge();
    }),
});

function adoptRows(log: SessionLog, rows: readonly AdoptedRow[]): void {
  const wrong = rows.findIndex((row, at) => row.index !== log.records + at || !log.hasTrack(row.track));
  if (wrong >= 0) throw problem('record_out_of_order', { extensions: { expected: log.records + wrong } });
  for (const row of rows) log.adopt(row, row.leafHash);
}
