import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hexToBytes } from '@lucid/bytes';
import { openLevelKvStore } from '@lucid/kv-level';
import type { KvStore } from '@lucid/kv-store';
import type { ContextOptions } from '@lucid/service-kit';
import type { LedgerConfig } from './config.ts';
import { createLog, type Log } from './domain/log.ts';
import { createNotary } from './domain/notary.ts';
import { ReopeningLog } from './reopening-log.ts';
import { openHeadMarkFile } from './store/head-mark-file.ts';

export interface LedgerAdapters {
  /** Opens the key-value store; called again after it failed. Default: LevelDB in the data folder. */
  readonly openKv: () => Promise<KvStore>;
}

export interface LedgerContext {
  readonly log: ReopeningLog;
  /** Verifier key of the log, in the note format. */
  readonly verifierKey: string;
  close(): Promise<void>;
}

export async function createLedgerContext(
  options: ContextOptions<LedgerConfig, Record<never, never>, LedgerAdapters>,
): Promise<LedgerContext> {
  const { config, adapters, clock } = options;
  const folder = config.LEDGER_DATA_DIR;
  mkdirSync(folder, { recursive: true });
  const notary = createNotary({
    origin: config.LEDGER_ORIGIN,
    secretKey: hexToBytes(config.LEDGER_SIGNING_KEY),
  });
  const witnesses = config.LEDGER_WITNESSES.split(/\s+/).filter((each) => each !== '');
  const openKv = adapters.openKv ?? (() => openLevelKvStore({ path: join(folder, 'log') }));
  const open = async (): Promise<Log> => {
    const kv = await openKv();
    const mark = openHeadMarkFile(config.LEDGER_HEAD_MARK ?? join(folder, 'head.note'));
    try {
      return await createLog({ kv, notary, witnesses, mark });
    } catch (error) {
      await Promise.allSettled([kv.close(), mark.close()]);
      throw error;
    }
  };
  const log = new ReopeningLog(await open(), { open, nowMs: () => clock.nowMs() });
  return { log, verifierKey: notary.verifierKey, close: () => log.close() };
}
