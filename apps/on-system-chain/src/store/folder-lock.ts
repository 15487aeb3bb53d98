/** The data folder is one process's: two that write one journal lose transactions that were acknowledged. */
import { join } from 'node:path';
import { openLevelKvStore } from '@lucid/kv-level';
import { KvError } from '@lucid/kv-store';
import { ConfigError } from '@lucid/service-kit';

/**
 * Holds the folder until it is released, or the process ends however. An empty store of LevelDB, whose lock is the operating system's: it also
 * tells processes of two containers apart, which have one volume.
 *
 * @throws ConfigError where another process holds it
 */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  try {
    const store = await openLevelKvStore({
      path: join(folder, 'lock'),
      writeBufferSizeBytes: 64 * 1024,
      cacheSizeBytes: 0,
    });
    return { release: () => store.close() };
  } catch (error) {
    if (!(error instanceof KvError) || error.code !== 'kv_locked') throw error;
    throw new ConfigError('on-system-chain', [
      {
        variable: 'CHAIN_DATA_DIR',
        expected: 'a folder that no other node uses',
        hint: `another process has ${folder}: stop it, or name another folder`,
      },
    ]);
  }
}
