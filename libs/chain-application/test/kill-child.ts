/** Makes block after block on LevelDB and prints each hash once its commit has settled: `node kill-child.mjs FOLDER`. */
import { openLevelKvStore } from '@lucid/kv-level';
import { openChain, propose, sampleBlocks } from './test-chain.ts';

const folder = process.argv[2]!;
const store = await openLevelKvStore({ path: folder });
const app = await openChain(store);
const blocks = sampleBlocks(400);
const { height, blockHash } = app.info();
process.stdout.write(`open ${height} ${blockHash}\n`);
for (const transactions of blocks.slice(height)) {
  const executed = await propose(app, transactions);
  process.stdout.write(`executed ${executed.height} ${executed.blockHash}\n`);
  await app.commit(executed.blockHash);
  process.stdout.write(`committed ${executed.height} ${executed.blockHash}\n`);
}
