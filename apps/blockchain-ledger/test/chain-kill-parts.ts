import { join } from 'node:path';
import { openLevelKvStore } from '@lucid/kv-level';
import { Chain } from '../src/chain/chain.ts';
import { createKeccak256 } from '../src/chain/keccak.ts';
import type { Log } from '../src/domain/log.ts';
import { headerEntriesOf } from '../src/header-entries.ts';
import { ReopeningLog } from '../src/reopening-log.ts';

/** The chain over LevelDB and a log, as the service puts them together. */
export async function openKilledChain(folder: string, log: Log): Promise<Chain> {
  const reopening = new ReopeningLog(log, { open: async () => log, nowMs: () => 0 });
  return Chain.open({
    kv: await openLevelKvStore({ path: join(folder, 'chain'), writeBufferSizeBytes: 256 * 1024 }),
    keccak: await createKeccak256(),
    log: headerEntriesOf(reopening),
  });
}
