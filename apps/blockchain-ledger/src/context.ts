import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseSignerKey } from '@lucid/checkpoint';
import { openLevelKvStore } from '@lucid/kv-level';
import type { KvStore } from '@lucid/kv-store';
import { ConfigError, type ContextOptions } from '@lucid/service-kit';
import type { LedgerConfig } from './config.ts';
import { createLog, type Log } from './domain/log.ts';
import { createNotary, type Notary } from './domain/notary.ts';
import { headerEntriesOf } from './header-entries.ts';
import { type ChainSource, LazyChain } from './lazy-chain.ts';
import { ledgerMeter } from './ledger-meter.ts';
import { ReopeningLog } from './reopening-log.ts';
import { openHeadMarkFile } from './store/head-mark-file.ts';

export interface LedgerAdapters {
  /** Opens the key-value store; called again after it failed. Default: LevelDB in the data folder. */
  readonly openKv: () => Promise<KvStore>;
  /** The store of the chain's blocks. Default: LevelDB in `chain/` of the data folder. */
  readonly chainSource: ChainSource;
}

export interface LedgerContext {
  readonly log: ReopeningLog;
  readonly chain: LazyChain;
  /** Verifier key of the log, in the note format. */
  readonly verifierKey: string;
  close(): Promise<void>;
}

function notaryFrom(config: LedgerConfig): Notary {
  try {
    const { name, secretKey } = parseSignerKey(config.LEDGER_SIGNING_KEY);
    return createNotary({ origin: name, secretKey });
  } catch {
    // Without the cause: it may hold the key.
    throw new ConfigError('blockchain-ledger', [
      { variable: 'LEDGER_SIGNING_KEY', expected: 'a signer key', hint: 'make one with `lucid keys new`' },
    ]);
  }
}

const chainFolder = (path: string): ChainSource => ({
  exists: () => existsSync(path),
  open: () => openLevelKvStore({ path }),
});

export async function createLedgerContext(
  options: ContextOptions<LedgerConfig, Record<never, never>, LedgerAdapters>,
): Promise<LedgerContext> {
  const { config, adapters, clock } = options;
  const folder = config.LEDGER_DATA_DIR;
  mkdirSync(folder, { recursive: true });
  const notary = notaryFrom(config);
  const witnesses = config.LEDGER_WITNESSES.split(/\s+/).filter((each) => each !== '');
  const onCommit = ledgerMeter(options.metrics);
  const openKv = adapters.openKv ?? (() => openLevelKvStore({ path: join(folder, 'log') }));
  const open = async (): Promise<Log> => {
    const kv = await openKv();
    const mark = openHeadMarkFile(config.LEDGER_HEAD_MARK ?? join(folder, 'head.note'));
    try {
      return await createLog({ kv, notary, witnesses, mark, onCommit });
    } catch (error) {
      await Promise.allSettled([kv.close(), mark.close()]);
      throw error;
    }
  };
  const log = new ReopeningLog(await open(), { open, nowMs: () => clock.nowMs() });
  const chain = new LazyChain({
    source: adapters.chainSource ?? chainFolder(join(folder, 'chain')),
    headers: headerEntriesOf(log),
    nowMs: () => clock.nowMs(),
    report: options.log,
  });
  await chain.start();
  return {
    log,
    chain,
    verifierKey: notary.verifierKey,
    async close() {
      await chain.close();
      await log.close();
    },
  };
}
