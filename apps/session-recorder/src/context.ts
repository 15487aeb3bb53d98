/** Everything the service is made of, built once and closed in reverse. */
import type { sessionChunkerContract, sessionOrchestratorContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import type { Client, ContextOptions, ServiceContext, Worker } from '@lucid/service-kit';
import { openServiceStores, openUpon, type ServiceStores } from '@lucid/store-factory';
import type { RecorderConfig } from './config.ts';
import { Intake } from './domain/intake.ts';
import { Recordings } from './domain/recordings.ts';
import { createSessionEvents } from './domain/session-events.ts';
import { Transitions } from './domain/transitions.ts';
import { openRecordingStore } from './store/recording-store.ts';
import { createWatchdog } from './workers/watchdog.ts';

interface RecorderAdapters {
  readonly documents: DocumentStore;
  readonly events: NonNullable<ServiceStores['events']>;
}

export interface RecorderContext extends ServiceContext {
  readonly documents: DocumentStore;
  readonly recordings: Recordings;
  readonly intake: Intake;
  readonly transitions: Transitions;
  readonly watchdog: Worker;
}

type Options = ContextOptions<
  RecorderConfig,
  {
    readonly chunker: Client<typeof sessionChunkerContract>;
    readonly orchestrator: Client<typeof sessionOrchestratorContract>;
  },
  RecorderAdapters
>;

export async function createRecorderContext(options: Options): Promise<RecorderContext> {
  const { config, log, clients, clock, adapters } = options;
  const { chunker, orchestrator } = clients;
  const stores = await openServiceStores({
    service: 'session-recorder',
    kinds: ['documents', 'events'],
    settings: config,
    given: adapters,
  });
  const store = await openUpon(stores, async () => {
    const opened = await openRecordingStore(stores.documents);
    await stores.documents.sweepExpired(clock.nowMs());
    return opened;
  });
  const events = createSessionEvents(stores.events?.bus, log);
  const recordings = new Recordings({ store, chunker, clock });
  const intake = new Intake({ recordings, chunker, events, clock });
  const transitions = new Transitions({ recordings, intake, chunker, events, clock });
  const agentTimeoutMs = config.RECORDER_AGENT_TIMEOUT_MS;
  const watchdog = createWatchdog({ agentTimeoutMs }, { recordings, orchestrator, clock, log });
  return {
    documents: stores.documents,
    recordings,
    intake,
    transitions,
    watchdog,
    close: () => stores.close(),
  };
}
