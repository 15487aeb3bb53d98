import { silentLog, systemClock } from '@lucid/service-kit';
import { compilerFiles } from '../src/domain/compiler-files.ts';
import { CompilerPool } from '../src/domain/compiler-pool.ts';
import { positionAt } from '../src/domain/solidity-output.ts';
import { bundleWorker } from './worker-bundle.ts';

const settings = { optimizer: { enabled: true, runs: 200 }, evmVersion: 'cancun', viaIR: false };

it('ends its threads when it is closed; who runs and who waits is told', async () => {
  const worker = await bundleWorker();
  try {
    const limits = { memoryMb: 512, parallel: 1, queue: 1 };
    const parts = { workerUrl: worker.url, files: compilerFiles(), clock: systemClock, log: silentLog };
    const pool = new CompilerPool({ ...limits, ...parts });
    const compile = () => pool.compile({ sources: { 'a.sol': 'contract A {}' }, settings }, 60_000);
    const ended = Promise.allSettled([compile(), compile()]);
    // The first one's thread is there then.
    await new Promise((resolve) => setImmediate(resolve));
    await pool.close();
    expect((await ended).map((each) => each.status === 'rejected' && each.reason.code)).toEqual([
      'compiler_failed',
      'compiler_busy',
    ]);
  } finally {
    worker.remove();
  }
});

it.each([
  ['abc', 0, 1, 1],
  ['abc', 2, 1, 3],
  ['a\nb\nc', 4, 3, 1],
  ['é😀x', 6, 1, 4],
  ['😀\n😀x', 9, 2, 3],
  ['a\n', 2, 2, 1],
])('byte places: %j at %i is line %i, column %i', (text, byte, line, column) => {
  expect(positionAt(text, byte)).toEqual({ line, column });
});
