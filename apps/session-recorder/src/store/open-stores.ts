/** The store the host handed over, or the one that the configuration names; only the latter is closed here. */
import type { DocumentStore } from '@lucid/document-store';
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
