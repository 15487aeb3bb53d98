/** How often the ledger is asked. */
import { expect, test } from '@jest/globals';
import { silentLog, Wakeup } from '@lucid/service-kit';
import { createManualClock } from '@lucid/service-kit/testing';
import { createIndexWorker } from '../src/index.ts';

test('ever more seldom while nothing comes, soon after a block, at once when told', async () => {
  const clock = createManualClock();
  const wakeup = new Wakeup(clock);
  const chain = { head: 3, indexed: 3, asked: 0 };
  const indexer = {
    indexedHeight: async () => chain.indexed,
    step: async () => {
      chain.asked += 1;
      chain.indexed = chain.head;
      return false;
    },
  };
  const worker = createIndexWorker({ indexer, wakeup, log: silentLog, pollMs: 1_000, idleMs: 30_000 });
  const stop = new AbortController();
  const ended = worker.run(stop.signal);
  const askedIn = async (seconds: number): Promise<number> => {
    const before = chain.asked;
    for (let second = 0; second < seconds; second++) await clock.advance(1_000);
    return chain.asked - before;
  };
  expect(await askedIn(62)).toBeLessThanOrEqual(6);
  expect(await askedIn(300)).toBe(10);
  chain.head = 4;
  wakeup.notify();
  await clock.advance(0);
  expect(chain.indexed).toBe(4);
  expect(await askedIn(1)).toBe(1);
  stop.abort();
  await ended;
});
