// One run of the ledger in this process: OUTSTANDING appends of SIZE bytes always under way for SECONDS, each answered only when
// durable. Prints one JSON line. Arguments: folder outstanding seconds sizeBytes.
import { randomBytes } from 'node:crypto';
import { openLevelKvStore } from '@lucid/kv-level';
import { createLog } from '../../apps/blockchain-ledger/src/domain/log.ts';
import { createNotary } from '../../apps/blockchain-ledger/src/domain/notary.ts';

const [folder = '', outstanding = 1024, seconds = 5, sizeBytes = 256] = process.argv
  .slice(2)
  .map((value, index) => (index === 0 ? value : Number(value))) as [string, number, number, number];

const log = await createLog({
  kv: await openLevelKvStore({ path: folder }),
  notary: createNotary({ origin: 'lucid.invalid/bench', secretKey: randomBytes(32) }),
});

const latenciesMs = new Float64Array(8_000_000);
let answered = 0;
let until = 0;

async function appendOnAndOn(): Promise<void> {
  const entry = randomBytes(sizeBytes);
  let count = 0;
  while (performance.now() < until) {
    entry.writeUInt32LE(count++, 0);
    const before = performance.now();
    await log.append(entry);
    latenciesMs[answered++] = performance.now() - before;
  }
}

const run = async (forMs: number): Promise<void> => {
  until = performance.now() + forMs;
  await Promise.all(Array.from({ length: outstanding }, appendOnAndOn));
};

await run(1000);
answered = 0;
const sizeBefore = log.head().size;
const [cpu, start] = [process.cpuUsage(), performance.now()];
await run(seconds * 1000);
const [used, elapsedMs] = [process.cpuUsage(cpu), performance.now() - start];
const size = log.head().size;
await log.close();

const sorted = latenciesMs.slice(0, answered).sort();
const quantile = (share: number): number =>
  sorted[Math.min(answered - 1, Math.floor(answered * share))] as number;
console.log(
  JSON.stringify({
    entriesPerSecond: Math.round((answered / elapsedMs) * 1000),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    cpuSeconds: (used.user + used.system) / 1e6,
    cpuMicrosecondsPerEntry: (used.user + used.system) / answered,
    entries: answered,
    durable: size - sizeBefore === answered,
    rssMB: Math.round(process.memoryUsage().rss / 1e6),
  }),
);
