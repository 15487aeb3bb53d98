import type { Metrics } from '@lucid/service-kit';

export interface MerkleMeter {
  leavesAdded(count: number): void;
  /** So long after the oldest leaf that it is the first to cover. */
  checkpointSigned(delayMs: number): void;
  /** Trees with leaves that no checkpoint covers yet. */
  openTrees(count: number): void;
}

export function merkleMeter(metrics: Metrics): MerkleMeter {
  const leaves = metrics.counter({
    name: 'lucid_merkle_leaves_total',
    help: 'Leaves that became durable since the start.',
  });
  const delay = metrics.histogram({
    name: 'lucid_merkle_checkpoint_delay_seconds',
    help: 'Time between a leaf and the first signed checkpoint that covers it, for the oldest leaf of each.',
    buckets: [0.1, 0.5, 1, 1.5, 2, 3, 5, 10, 60],
  });
  const open = metrics.gauge({
    name: 'lucid_merkle_open_trees',
    help: 'Trees with leaves that no checkpoint covers yet.',
  });
  return {
    leavesAdded: (count) => leaves.add(count),
    checkpointSigned: (delayMs) => delay.observe(delayMs / 1_000),
    openTrees: (count) => open.set(count),
  };
}
