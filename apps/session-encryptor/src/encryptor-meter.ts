import type { Clock, Metrics } from '@lucid/service-kit';
import { type RecordType, recordTypes } from '@lucid/session-format';

export interface EncryptorMeter {
  /** Times work that makes a record durable. */
  storing<T>(work: Promise<T>): Promise<T>;
  /** `plainSizeBytes`: of a chunk, 0 for other records. */
  stored(record: {
    readonly type: RecordType;
    readonly sizeBytes: number;
    readonly plainSizeBytes: number;
  }): void;
  keysHeld(count: number): void;
}

export function encryptorMeter(metrics: Metrics, clock: Clock): EncryptorMeter {
  const records = new Map(
    Object.keys(recordTypes).map((type) => [
      type,
      metrics.counter({
        name: 'lucid_encryptor_records_total',
        help: 'Records that became durable since the start.',
        labels: { type },
      }),
    ]),
  );
  const plainBytes = metrics.counter({
    name: 'lucid_encryptor_plain_bytes_total',
    help: 'Captured bytes in chunks that became durable since the start.',
  });
  const storedBytes = metrics.counter({
    name: 'lucid_encryptor_stored_bytes_total',
    help: 'Bytes of records that became durable since the start.',
  });
  const seconds = metrics.histogram({
    name: 'lucid_encryptor_store_seconds',
    help: 'How long the chunk store takes to make a record durable.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
  });
  const keys = metrics.gauge({ name: 'lucid_encryptor_keys_held', help: 'Session keys in memory.' });
  return {
    async storing(work) {
      const startedMs = clock.nowMs();
      const result = await work;
      seconds.observe((clock.nowMs() - startedMs) / 1_000);
      return result;
    },
    stored({ type, sizeBytes, plainSizeBytes }) {
      records.get(type)?.add();
      plainBytes.add(plainSizeBytes);
      storedBytes.add(sizeBytes);
    },
    keysHeld: (count) => keys.set(count),
  };
}
