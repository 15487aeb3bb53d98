import { silentLog } from '@lucid/service-kit';
import { createManualClock } from '@lucid/service-kit/testing';
import { createSweeper } from './sweeper.ts';

test('sweeps again and again, also after a failure, until it is stopped', async () => {
  const clock = createManualClock();
  const swept: number[] = [];
  const documents = {
    sweepExpired: async (nowMs: number) => {
      swept.push(nowMs);
      if (swept.length === 1) throw new Error('a test said so');
      return 0;
    },
  };
  const stopping = new AbortController();
  const startedAtMs = clock.nowMs();
  const running = createSweeper({ documents, everyMs: 1_000, clock, log: silentLog }).run(stopping.signal);
  for (let round = 0; round < 3; round++) await clock.advance(1_000);
  stopping.abort();
  await running;
  expect(swept.map((atMs) => atMs - startedAtMs)).toEqual([1_000, 2_000, 3_000]);
});
