/** The store and event bus the host handed over, or those that the configuration names; only the latter are closed here. */
import type { DocumentStore } from '@lucid/document-store';
import type { EventBus } from '@lucid/events';
import { missing, type RecorderConfig } from '../config.ts';

export async function openDocuments(
  config: RecorderConfig,
  given: DocumentStore | undefined,
): Promise<{ readonly documents: DocumentStore; close(): Promise<void> }> {
  if (given) return { documents: given, async close() {} };
  const url = config.LUCID_DOCUMENTS_URL ?? config.MONGO_URL;
  if (!url) throw missing('LUCID_DOCUMENTS_URL', 'where documents are kept');
  const { openDocumentStore } = await import('@lucid/store-factory');
  const documents = await openDocumentStore({ url });
  return { documents, close: () => documents.close() };
}

export type Publisher = Pick<EventBus, 'publish'>;

/** Without a bus of the host or of the configuration nobody is told; nothing else differs. */
export async function openEvents(
  config: RecorderConfig,
  given: { readonly bus: Publisher } | undefined,
): Promise<{ readonly bus: Publisher | undefined; close(): Promise<void> }> {
  if (given || !config.REDIS_URL) return { bus: given?.bus, async close() {} };
  const { createRedisEvents } = await import('@lucid/events-redis');
  const events = createRedisEvents({ url: config.REDIS_URL });
  return { bus: events.bus, close: () => events.close() };
}
