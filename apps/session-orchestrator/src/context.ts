import type { ChunkStore } from '@lucid/chunk-store';
import type { DocumentStore } from '@lucid/document-store';
import { type ContextOptions, Wakeup } from '@lucid/service-kit';
import { openServiceStores, openUpon, type ServiceStores } from '@lucid/store-factory';
import { assertSharedChunks, type Config } from './config.ts';
import { uniformFrom } from './domain/backoff.ts';
import { Changes } from './domain/changes.ts';
import type { Clients, Dependencies } from './domain/dependencies.ts';
import { Lifecycle } from './domain/lifecycle.ts';
import { Processing } from './domain/processing.ts';
import { Recovery } from './domain/recovery.ts';
import { SessionLeases } from './domain/session-lease.ts';
import { Starting } from './domain/starting.ts';
import { type OnChange, openSessionStore } from './store/session-store.ts';
import { createProcessingWorker } from './workers/processing-worker.ts';
import { createRecoveryWorker } from './workers/recovery-worker.ts';

export interface Adapters {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
  readonly events: NonNullable<ServiceStores['events']>;
}

export async function createContext(options: ContextOptions<Config, Clients, Adapters>) {
  const { config, clients, adapters, clock, log, random } = options;
  if (!adapters.chunks) assertSharedChunks(config);
  const stores = await openServiceStores({
    service: 'session-orchestrator',
    kinds: ['documents', 'chunks', 'events'],
    settings: config,
    given: adapters,
  });
  const changes = new Changes();
  const wakeup = new Wakeup(clock);
  const changed: OnChange = (row, before) => {
    changes.notify(row.sessionId);
    if (row.state === before) return;
    const { sessionId, state } = row;
    log.info({ sessionId, from: before, to: state }, 'session changed its state');
    // Losing one costs nothing but freshness: who must not miss a state reads it.
    stores.events?.bus
      ?.publish(`session.${sessionId}`, { type: 'session', state })
      .catch((error: unknown) => log.debug({ sessionId, err: error }, 'an event was not published'));
  };
  const store = await openUpon(stores, () => openSessionStore(stores.documents, changed));
  const dependencies: Dependencies = {
    ...clients,
    ...{ store, clock, log, random, changes, wakeup, chunks: stores.chunks },
    backoff: {
      baseMs: config.ORCHESTRATOR_RETRY_BASE_MS,
      capMs: config.ORCHESTRATOR_RETRY_CAP_MS,
      random: uniformFrom(random),
    },
    maxAttempts: config.ORCHESTRATOR_MAX_ATTEMPTS,
    startTimeoutMs: config.ORCHESTRATOR_START_TIMEOUT_MS,
    superviseMs: config.ORCHESTRATOR_SUPERVISE_MS,
    unused: {
      startWithinMs: config.ORCHESTRATOR_START_WITHIN_MS,
      forgetAfterMs: config.ORCHESTRATOR_FORGET_UNUSED_MS,
    },
    longestSessionMs: config.ORCHESTRATOR_LONGEST_SESSION_MS,
    retentionDays: config.ORCHESTRATOR_RETENTION_DAYS,
  };
  const leases = new SessionLeases({
    documents: stores.documents,
    clock,
    log,
    ttlMs: config.ORCHESTRATOR_LEASE_MS,
  });
  const lifecycle = new Lifecycle(dependencies);
  const starting = new Starting(dependencies);
  const processing = new Processing(dependencies, leases);
  const recovery = new Recovery(dependencies, starting);
  return {
    dependencies,
    leases,
    lifecycle,
    starting,
    workers: [
      createRecoveryWorker({ recovery, superviseMs: dependencies.superviseMs, clock, log }),
      createProcessingWorker({
        ...{ store, processing, wakeup, clock, log },
        leaveAloneMs: config.ORCHESTRATOR_LEASE_MS / 6,
      }),
    ],
    close: () => stores.close(),
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
