import type { Metrics } from '@lucid/service-kit';
import type { Mempool } from '../mempool/mempool.ts';
import type { Driver } from './driver.ts';

export interface ChainMeterOptions {
  readonly metrics: Metrics;
  readonly driver: Driver;
  readonly pool: Mempool;
  readonly arrivals: { listen(listener: () => void): unknown };
}

/** What `/metrics` shows of chain and mempool. */
export function meterChain({ metrics, driver, pool, arrivals }: ChainMeterOptions): void {
  const height = metrics.gauge({ name: 'lucid_chain_height', help: 'Height of the newest block.' });
  const included = metrics.counter({
    name: 'lucid_chain_transactions_total',
    help: 'Transactions in blocks that were added since the start.',
  });
  const waiting = (state: string) =>
    metrics.gauge({
      name: 'lucid_chain_mempool_transactions',
      help: 'Transactions that wait.',
      labels: { state },
    });
  const [pending, queued] = [waiting('pending'), waiting('queued')];
  const count = () => {
    pending.set(pool.pending);
    queued.set(pool.queued);
  };
  arrivals.listen(count);
  driver.blocks.listen((block) => {
    height.set(block.height);
    included.add(block.transactions.length);
    count();
  });
}
