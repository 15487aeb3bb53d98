// Opens COUNT chunks of a bundle, drawn uniformly, with the code of `lucid open`: bundle and session key are open already. Every tag is
// checked. Prints one JSON line. Arguments: path of the bundle, identity file, count.
import { randomInt } from 'node:crypto';
import { BundleFile } from '../../apps/lucid/src/commands/open-bundle.ts';
import { openChunkAt } from '../../apps/lucid/src/commands/open-chunks.ts';
import { IdentityRing, unlock } from '../../apps/lucid/src/commands/open-identity.ts';
import { openZstd } from '../../libs/zstd/src/index.ts';

const [path = '', identity = '', countText = '1000'] = process.argv.slice(2);
const count = Number(countText);
const bundle = BundleFile.open(path);
const sessionKey = await unlock(bundle, new IdentityRing(process, { files: [identity], home: null }));
const codec = await openZstd('native');

const chunks: number[] = [];
for (let index = 0; index < bundle.recordCount; index++) {
  const { offset, sizeBytes } = bundle.placeInIndex(index);
  if (bundle.headerOf(bundle.read(offset, 128), index, sizeBytes).type === 'chunk') chunks.push(index);
}
let plainBytes = 0;
const openOne = (): void => {
  plainBytes += openChunkAt(bundle, sessionKey, codec, chunks[randomInt(chunks.length)] as number).length;
};

for (let round = 0; round < 50; round++) openOne();
plainBytes = 0;
const tookMs = new Float64Array(count);
const before = process.cpuUsage();
for (let at = 0; at < count; at++) {
  const startMs = performance.now();
  openOne();
  tookMs[at] = performance.now() - startMs;
}
const { user, system } = process.cpuUsage(before);
bundle.close();

tookMs.sort();
const quantile = (share: number): number => tookMs[Math.min(count - 1, Math.floor(count * share))] as number;
console.log(
  JSON.stringify({
    chunks: chunks.length,
    meanBytes: plainBytes / count,
    medianMs: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
    cpuMs: (user + system) / 1000 / count,
  }),
);
