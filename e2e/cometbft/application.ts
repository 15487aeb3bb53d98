/**
 * The chain over LevelDB as an application of CometBFT: `node application.mjs FOLDER [junk]`. FOLDER holds genesis.json; FOLDER/app.sock is
 * served. With `junk` it puts bytes that are no transaction into each of its proposals.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startAbciServer } from '@lucid/abci-server';
import { type ChainAbci, createChainAbci } from '@lucid/chain-abci';
import { openLevelKvStore } from '@lucid/kv-level';
import { SNAPSHOT_EVERY_BLOCKS } from './settings.ts';

const [folder, how] = process.argv.slice(2) as [string, string?];
const onFault = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
};
const application: { -readonly [K in keyof ChainAbci]: ChainAbci[K] } = createChainAbci({
  chain: {
    genesis: readFileSync(join(folder, 'genesis.json'), 'utf8'),
    store: await openLevelKvStore({ path: join(folder, 'state') }),
  },
  records: await openLevelKvStore({ path: join(folder, 'heights') }),
  snapshotEveryBlocks: SNAPSHOT_EVERY_BLOCKS,
  onFault,
});
// What a kill left; LevelDB's lock says that nobody else serves this folder.
const path = join(folder, 'app.sock');
rmSync(path, { force: true });
if (how === 'junk') {
  const prepare = application.prepareProposal.bind(application);
  application.prepareProposal = async (request) => ({
    txs: [...((await prepare(request)).txs ?? []), Uint8Array.of(6, 6, 6)],
  });
}
await startAbciServer({ application, listen: { path }, onFault });
process.stdout.write('ready\n');
