import type { DocumentStore } from '@lucid/document-store';
import { ConfigError, type ContextOptions } from '@lucid/service-kit';
import type { Config } from './config.ts';
import { Cadence } from './domain/cadence.ts';
import { createCheckpointSigner } from './domain/checkpoint-signer.ts';
import { SessionTrees } from './domain/session-trees.ts';
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

async function openDocuments({ LUCID_DOCUMENTS_URL, MONGO_URL }: Config): Promise<DocumentStore> {
  const url = LUCID_DOCUMENTS_URL ?? MONGO_URL;
  if (url !== undefined) {
    const { openDocumentStore } = await import('@lucid/store-factory');
    return openDocumentStore({ url });
  }
  const fault = { variable: 'LUCID_DOCUMENTS_URL', expected: 'where documents are kept', hint: 'set it' };
  throw new ConfigError('merkle-builder', [fault]);
}

export async function createContext(options: ContextOptions<Config, Record<never, never>, Adapters>) {
  const { config, clock, log, adapters } = options;
  const signer = signerFrom(config);
  const documents = adapters.documents ?? (await openDocuments(config));
  const store = await openTreeStore(documents);
  const cadence = new Cadence(config.MERKLE_CHECKPOINT_INTERVAL_MS * SIGN_AFTER);
  const trees = new SessionTrees({ store, signer, cadence, clock });
  return {
    store,
    trees,
    checkpointWorker: createCheckpointWorker({ trees, cadence, clock, log }),
    close: async () => {
      if (!adapters.documents) await documents.close();
    },
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
