import type { DocumentStore } from '@lucid/document-store';
import { ConfigError, type ContextOptions } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import type { Config } from './config.ts';
import { Cadence } from './domain/cadence.ts';
import { createCheckpointSigner } from './domain/checkpoint-signer.ts';
import { SessionTrees } from './domain/session-trees.ts';
import { merkleMeter } from './merkle-meter.ts';
import { openTreeStore } from './store/tree-store.ts';
import { createCheckpointWorker } from './workers/checkpoint-worker.ts';

export interface Adapters {
  readonly documents: DocumentStore;
}

/** Part of the interval after which a checkpoint is begun, so that it is signed and stored within it. */
const SIGN_AFTER = 0.75;

function signerFrom(config: Config) {
  try {
    return createCheckpointSigner(config.LUCID_RECORDER_KEY);
  } catch {
    // Without the cause: it may hold the key.
    throw new ConfigError('merkle-builder', [
      { variable: 'LUCID_RECORDER_KEY', expected: 'a signer key', hint: 'make one with `lucid keys new`' },
    ]);
  }
}

export async function createContext(options: ContextOptions<Config, Record<never, never>, Adapters>) {
  const { config, clock, log, adapters, metrics } = options;
  const signer = signerFrom(config);
  const stores = await openServiceStores({
    service: 'merkle-builder',
    kinds: ['documents'],
    settings: config,
    given: adapters,
  });
  const store = await openUpon(stores, () => openTreeStore(stores.documents));
  const cadence = new Cadence(config.MERKLE_CHECKPOINT_INTERVAL_MS * SIGN_AFTER);
  const trees = new SessionTrees({ store, signer, cadence, clock, meter: merkleMeter(metrics) });
  return {
    store,
    trees,
    checkpointWorker: createCheckpointWorker({ trees, cadence, clock, log }),
    close: () => stores.close(),
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
