/** Everything the service is made of, built once and closed in reverse. */
import type { sessionChunkerContract, sessionOrchestratorContract } from '@lucid/contracts';
import type { DocumentStore } from '@lucid/document-store';
import type { Client, ContextOptions, ServiceContext, Worker } from '@lucid/service-kit';
import type { RecorderConfig } from './config.ts';
import { Intake } from './domain/intake.ts';
import { Recordings } from './domain/recordings.ts';
import { createSessionEvents } from './domain/session-events.ts';
import { Transitions } from './domain/transitions.ts';
import { openDocuments, openEvents, type Publisher } from './store/open-stores.ts';
import { openRecordingStore } from './store/recording-store.ts';
import { createWatchdog } from './workers/watchdog.ts';

export interface RecorderAdapters {
  readonly documents: DocumentStore;
  readonly events: { readonly bus: Publisher };
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
  const opened = await openDocuments(config, adapters.documents);
  const store = await openRecordingStore(opened.documents);
  const publisher = await openEvents(config, adapters.events);
  const events = createSessionEvents(publisher.bus, log);
  const recordings = new Recordings({ store, chunker, clock });
  const intake = new Intake({ recordings, chunker, events, clock });
  const transitions = new Transitions({ recordings, intake, chunker, events, clock });
  const agentTimeoutMs = config.RECORDER_AGENT_TIMEOUT_MS;
  const watchdog = createWatchdog({ agentTimeoutMs }, { recordings, orchestrator, clock, log });
  await opened.documents.sweepExpired(clock.nowMs());
  return {
    documents: opened.documents,
    recordings,
    intake,
    transitions,
    watchdog,
    async close() {
      await publisher.close();
      await opened.close();
    },
  };
}
