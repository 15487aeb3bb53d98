import type { Metrics } from '@lucid/service-kit';

/** Counts the entries of each batch that became durable. */
export function ledgerMeter(metrics: Metrics): (entries: number) => void {
  const total = metrics.counter({
    name: 'lucid_ledger_entries_total',
    help: 'Entries that became durable since the start.',
  });
  const batches = metrics.histogram({
    name: 'lucid_ledger_batch_entries',
    help: 'Entries that became durable with one signed head.',
    buckets: [1, 4, 16, 64, 256, 1024, 4096, 16_384],
  });
  return (entries) => {
    total.add(entries);
    batches.observe(entries);
  };
}
