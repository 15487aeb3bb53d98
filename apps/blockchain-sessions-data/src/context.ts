import { bytesToHex } from '@lucid/bytes';
import { createIndexWorker, Indexer } from '@lucid/chain-index';
import { parseVerifierKey } from '@lucid/checkpoint';
import type { blockchainLedgerContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import { type Client, ConfigError, type ContextOptions, Wakeup } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import type { Config } from './config.ts';
import { AnchorCache, SETTLE_MS } from './domain/anchor-cache.ts';
import { watch } from './domain/chain-event.ts';
import { Directory } from './domain/directory.ts';
import { Verifying } from './domain/verifying.ts';
import { openSessionIndexStore } from './store/index-store.ts';
import { openCache } from './store/open-cache.ts';

export interface Adapters {
  readonly documents: DocumentStore;
}

export interface Clients {
  readonly ledger: Client<typeof blockchainLedgerContract>;
}

function assertLedgerKey({ LUCID_LEDGER_VERIFIER_KEY: key }: Config): void {
  try {
    parseVerifierKey(key);
  } catch (cause) {
    const fault = {
      variable: 'LUCID_LEDGER_VERIFIER_KEY',
      expected: 'a verifier key, NAME+HEX+BASE64',
      hint: 'copy it from the ledger',
    };
    throw Object.assign(new ConfigError('blockchain-sessions-data', [fault]), { cause });
  }
}

export async function createContext(options: ContextOptions<Config, Clients, Adapters>) {
  const { config, clients, adapters, clock, log, random } = options;
  const { ledger } = clients;
  assertLedgerKey(config);
  const stores = await openServiceStores({
    service: 'blockchain-sessions-data',
    kinds: ['documents'],
    settings: config,
    given: adapters,
  });
  const { documents } = stores;
  const store = await openUpon(stores, () => openSessionIndexStore(documents));
  const { cache, close: closeCache } = await openUpon(stores, () => openCache(config, () => clock.nowMs()));
  const close = async () => {
    await closeCache();
    await stores.close();
  };
  const wakeup = new Wakeup(clock);
  const indexer = new Indexer({
    ...{ store, ledger, log },
    watch: () => watch,
    onForgotten: () => anchors.forget(),
    newGeneration: () => bytesToHex(random(16)),
    beforeRemoval: () => clock.sleep(SETTLE_MS),
  });
  const anchors = new AnchorCache({
    ...{ cache, log },
    readGeneration: () => indexer.generation(),
    steadyMs: () => performance.now(),
  });
  await openUpon({ close }, () => indexer.open());
  const directory = new Directory({ store, indexer, anchors, wakeup });
  return {
    documents,
    indexer,
    directory,
    wakeup,
    verifying: new Verifying({
      ledger,
      directory,
      ledgerKey: config.LUCID_LEDGER_VERIFIER_KEY,
      chainId: config.CHAIN_ID,
    }),
    worker: createIndexWorker({
      indexer,
      wakeup,
      log,
      pollMs: config.SESSIONS_DATA_POLL_MS,
      idleMs: config.SESSIONS_DATA_IDLE_MS,
    }),
    close,
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
