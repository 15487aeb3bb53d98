/** The stores and the event bus that the host handed over, or those that the configuration names; only the latter are closed here. */
import type { ChunkStore } from '@lucid/chunk-store';
import type { DocumentStore } from '@lucid/document-store';
import type { EventBus } from '@lucid/events';
import { ConfigError } from '@lucid/service-kit';
import type { Config } from '../config.ts';

export type Publisher = Pick<EventBus, 'publish'>;

export interface OpenedStores {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
  /** Absent where neither host nor configuration has one: nobody is told then, nothing else differs. */
  readonly bus: Publisher | undefined;
  close(): Promise<void>;
}

const missing = (variable: string, expected: string): ConfigError =>
  new ConfigError('session-orchestrator', [{ variable, expected, hint: `set ${variable}` }]);

async function openDocuments({ LUCID_DOCUMENTS_URL, MONGO_URL }: Config): Promise<DocumentStore> {
  const url = LUCID_DOCUMENTS_URL ?? MONGO_URL;
  if (url === undefined) throw missing('LUCID_DOCUMENTS_URL', 'where documents are kept');
  const { openDocumentStore } = await import('@lucid/store-factory');
  return openDocumentStore({ url });
}

async function openChunks(config: Config): Promise<ChunkStore> {
  const { LUCID_CHUNKS_URL: url, LUCID_S3_ACCESS_KEY: accessKey, LUCID_S3_SECRET_KEY: secretKey } = config;
  if (url === undefined) throw missing('LUCID_CHUNKS_URL', 'where chunks are kept');
  const { openChunkStore } = await import('@lucid/store-factory');
  return openChunkStore(accessKey && secretKey ? { url, s3Keys: { accessKey, secretKey } } : { url });
}

async function openBus({
  REDIS_URL: url,
}: Config): Promise<{ bus: Publisher; close(): Promise<void> } | null> {
  if (url === undefined) return null;
  const { createRedisEvents } = await import('@lucid/events-redis');
  return createRedisEvents({ url });
}

export interface GivenStores {
  readonly documents?: DocumentStore;
  readonly chunks?: ChunkStore;
  readonly events?: { readonly bus: Publisher };
}

export async function openStores(config: Config, given: GivenStores): Promise<OpenedStores> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  };
  const keep = <T extends { close(): Promise<void> } | null>(each: T): T => {
    if (each) opened.push(each);
    return each;
  };
  try {
    const documents = given.documents ?? keep(await openDocuments(config));
    const chunks = given.chunks ?? keep(await openChunks(config));
    const events = given.events ?? keep(await openBus(config));
    return { documents, chunks, bus: events?.bus, close };
  } catch (error) {
    await close();
    throw error;
  }
}
