import type { DocumentStore } from '@lucid/document-store';
import type { RateLimits } from '@lucid/rate-limit';
import type { ContextOptions } from '@lucid/service-kit';
import { openServiceStores, openUpon } from '@lucid/store-factory';
import type { Config } from './config.ts';
import { Cleaning } from './domain/cleaning.ts';
import { Creating } from './domain/creating.ts';
import type { Clients, Dependencies } from './domain/dependencies.ts';
import { Directory } from './domain/directory.ts';
import { Enforcement } from './domain/enforcement.ts';
import { Feed } from './domain/feed.ts';
import { Listing } from './domain/listing.ts';
import { openLimits } from './domain/open-limits.ts';
import { PolicySessions } from './domain/policy-sessions.ts';
import { Quotas } from './domain/quotas.ts';
import { Starting } from './domain/starting.ts';
import { openOwnerStore } from './store/owner-store.ts';
import { openSessionStore } from './store/session-store.ts';
import { createEnforcementWorker } from './workers/enforcement-worker.ts';

export interface Adapters {
  readonly documents: DocumentStore;
  readonly limits: RateLimits;
}

function partsOf(dependencies: Dependencies, config: Config) {
  const directory = new Directory(dependencies);
  const quotas = new Quotas(dependencies, directory);
  const policies = new PolicySessions(dependencies);
  const enforcement = new Enforcement(dependencies, { directory, policies, quotas });
  return {
    directory,
    quotas,
    policies,
    enforcement,
    listing: new Listing(dependencies, directory),
    creating: new Creating(dependencies, { directory, quotas }),
    starting: new Starting(dependencies, { directory, quotas, policies }),
    cleaning: new Cleaning(dependencies, { directory, quotas }),
    feed: new Feed(dependencies, { directory, lookEveryMs: config.SESSION_API_FEED_MS }),
  };
}

export async function createContext(options: ContextOptions<Config, Clients, Adapters>) {
  const { config, clients, adapters, clock, log, random } = options;
  const stores = await openServiceStores({
    service: 'session-api',
    kinds: ['documents'],
    settings: config,
    given: adapters.documents ? { documents: adapters.documents } : {},
  });
  const [sessions, owners] = await openUpon(stores, () =>
    Promise.all([openSessionStore(stores.documents), openOwnerStore(stores.documents)]),
  );
  const limits =
    adapters.limits ?? openLimits({ redisUrl: config.REDIS_URL, log, nowMs: () => clock.nowMs() });
  const dependencies: Dependencies = {
    ...clients,
    ...{ sessions, owners, limits, clock, log, random },
    quotas: { sessions: config.SESSION_API_SESSIONS_PER_USER, running: config.SESSION_API_RUNNING_PER_USER },
  };
  const parts = partsOf(dependencies, config);
  const { enforcement } = parts;
  return {
    ...parts,
    dependencies,
    documents: stores.documents,
    workers: [createEnforcementWorker({ enforcement, everyMs: config.SESSION_API_ENFORCE_MS, clock, log })],
    async close() {
      parts.feed.close();
      if (!adapters.limits) await limits.close();
      await stores.close();
    },
  };
}

export type Context = Awaited<ReturnType<typeof createContext>>;
