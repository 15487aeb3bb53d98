/** An outbox of a process that is not under test. */
import type { Outbox, StoredRecord } from '@lucid/chain-client';

export function memoryOutbox(): Outbox {
  const records = new Map<string, StoredRecord>();
  return {
    get: async (key) => records.get(key) ?? null,
    async compareAndSet(record, expected) {
      const version = records.get(record.key)?.version ?? null;
      if (version !== expected) return false;
      records.set(record.key, { record, version: (version ?? 0) + 1 });
      return true;
    },
  };
}
