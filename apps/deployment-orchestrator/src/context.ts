import type { contractDeploymentContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import { type Client, type ContextOptions, Wakeup } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import type { Config } from './config.ts';
import { Compensator } from './domain/compensator.ts';
import { ContractCatalog } from './domain/contract-catalog.ts';
import { Driver } from './domain/driver.ts';
import { DryRuns } from './domain/dry-runs.ts';
import { Plans } from './domain/plans.ts';
import { RunWriter } from './domain/run-writer.ts';
import { Runs } from './domain/runs.ts';
import { StepRunner } from './domain/step-runner.ts';
import { openPlanStore } from './store/plan-store.ts';
import { openRunStore } from './store/run-store.ts';
import { createRunWorker } from './workers/run-worker.ts';

export interface Adapters {
  readonly documents: DocumentStore;
}

export interface Clients {
  readonly deployment: Client<typeof contractDeploymentContract>;
}

export async function createContext(options: ContextOptions<Config, Clients, Adapters>) {
  const { config, clients, adapters, clock, log } = options;
  const { deployment } = clients;
  const stores = await openServiceStores({
    service: 'deployment-orchestrator',
    kinds: ['documents'],
    settings: config,
    given: adapters,
  });
  const { documents } = stores;
  const planStore = await openUpon(stores, () => openPlanStore(documents));
  const store = await openUpon(stores, () => openRunStore(documents));
  const wakeup = new Wakeup(clock);
  const catalog = new ContractCatalog(deployment);
  const plans = new Plans({ store: planStore, runs: store, catalog });
  const runner = new StepRunner({ deployment, catalog });
  const writer = new RunWriter({ store, deployment, clock, log });
  const parts = { writer, runner, clock, pollMs: config.ORCHESTRATOR_POLL_MS };
  const driver = new Driver({ ...parts, compensator: new Compensator(parts) });
  const runs = new Runs({ store, plans, catalog, driver, clock, onOpen: () => wakeup.notify() });
  return {
    documents,
    plans,
    runs,
    dryRuns: new DryRuns({ deployment, catalog }),
    worker: createRunWorker({ drive: (longestMs) => runs.drive(longestMs), wakeup, log }),
    close: () => stores.close(),
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
