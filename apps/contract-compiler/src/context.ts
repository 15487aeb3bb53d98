import type { DocumentStore } from '@lucid/document-store';
import type { ContextOptions } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import type { Config } from './config.ts';
import { Compilations } from './domain/compilations.ts';
import { compilerFiles } from './domain/compiler-files.ts';
import { CompilerPool } from './domain/compiler-pool.ts';
import { openArtifactStore } from './store/artifact-store.ts';

export interface Adapters {
  readonly documents: DocumentStore;
  /** Script of the worker; in a bundle it lies beside. */
  readonly workerUrl: URL;
}

export async function createContext({
  config,
  adapters,
  clock,
  log,
}: ContextOptions<Config, Record<never, never>, Adapters>) {
  const stores = await openServiceStores({
    service: 'contract-compiler',
    kinds: ['documents'],
    settings: config,
    given: adapters,
  });
  const { documents } = stores;
  const artifacts = await openUpon(stores, () => openArtifactStore(documents));
  const pool = new CompilerPool({
    workerUrl: adapters.workerUrl ?? new URL('./compile-worker.mjs', import.meta.url),
    files: compilerFiles(),
    memoryMb: config.COMPILER_MEMORY_MB,
    parallel: config.COMPILER_PARALLEL,
    queue: config.COMPILER_QUEUE,
    clock,
    log,
  });
  return {
    documents,
    memoryMb: config.COMPILER_MEMORY_MB,
    compilations: new Compilations({ pool, artifacts }),
    close: async () => {
      await pool.close();
      await stores.close();
    },
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
