/** The stores of a service: those its host handed over, or those its configuration names; only the latter are closed here. */
import type { ChunkStore } from '@lucid/chunk-store';
import type { DocumentStore } from '@lucid/document-store';
import type { EventBus } from '@lucid/events';
import { ConfigError } from '@lucid/service-kit';
import { openChunkStore } from './chunk-stores.ts';
import { openDocumentStore } from './document-stores.ts';

/** What of a service's environment says where its stores are. */
interface StoreSettings {
  readonly LUCID_DOCUMENTS_URL?: string | undefined;
  /** Where LUCID_DOCUMENTS_URL is absent. */
  readonly MONGO_URL?: string | undefined;
  readonly LUCID_CHUNKS_URL?: string | undefined;
  readonly LUCID_S3_ACCESS_KEY?: string | undefined;
  readonly LUCID_S3_SECRET_KEY?: string | undefined;
  readonly REDIS_URL?: string | undefined;
}

export interface ServiceStores {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
  /** Absent where neither host nor configuration has one: nobody is told then, nothing else differs. */
  readonly events: { readonly bus: Pick<EventBus, 'publish'> } | undefined;
}

interface ServiceStoresOptions<Kind extends keyof ServiceStores> {
  /** Named in the error where a setting is missing. */
  readonly service: string;
  readonly kinds: readonly Kind[];
  readonly settings: StoreSettings;
  readonly given: Partial<Pick<ServiceStores, Kind>>;
}

interface Closable {
  close(): Promise<void>;
}

const missing = (service: string, variable: string, expected: string): ConfigError =>
  new ConfigError(service, [{ variable, expected, hint: `set ${variable}` }]);

async function openOne(
  kind: keyof ServiceStores,
  service: string,
  settings: StoreSettings,
): Promise<Closable | undefined> {
  if (kind === 'documents') {
    const url = settings.LUCID_DOCUMENTS_URL ?? settings.MONGO_URL;
    if (!url) throw missing(service, 'LUCID_DOCUMENTS_URL', 'where documents are kept');
    return openDocumentStore({ url });
  }
  if (kind === 'chunks') {
    const {
      LUCID_CHUNKS_URL: url,
      LUCID_S3_ACCESS_KEY: accessKey,
      LUCID_S3_SECRET_KEY: secretKey,
    } = settings;
    if (!url) throw missing(service, 'LUCID_CHUNKS_URL', 'where chunks are kept');
    return openChunkStore(accessKey && secretKey ? { url, s3Keys: { accessKey, secretKey } } : { url });
  }
  if (!settings.REDIS_URL) return undefined;
  const { createRedisEvents } = await import('@lucid/events-redis');
  return createRedisEvents({ url: settings.REDIS_URL });
}

/** What is opened upon the stores. Where that fails they are closed, and its error is thrown. */
export async function openUpon<T>(stores: Closable, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await stores.close().catch(() => {});
    throw error;
  }
}

/** @throws ConfigError where a location is not set; what opening a store throws */
export async function openServiceStores<Kind extends keyof ServiceStores>({
  service,
  kinds,
  settings,
  given,
}: ServiceStoresOptions<Kind>): Promise<Pick<ServiceStores, Kind> & Closable> {
  const opened: Closable[] = [];
  const close = async () => {
    const outcomes = await Promise.allSettled(opened.splice(0).map((each) => each.close()));
    const failed = outcomes.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  };
  const stores: Partial<Record<keyof ServiceStores, unknown>> = { ...given };
  try {
    for (const kind of kinds) {
      if (stores[kind]) continue;
      const store = await openOne(kind, service, settings);
      if (store) opened.push(store);
      stores[kind] = store;
    }
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
  return { ...(stores as Pick<ServiceStores, Kind>), close };
}
