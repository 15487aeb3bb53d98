/** The stores the host handed over, or those that the configuration names; only the latter are closed here. */
import type { ChunkStore } from '@lucid/chunk-store';
import type { DocumentStore } from '@lucid/document-store';
import { ConfigError } from '@lucid/service-kit';
import type { Config } from '../config.ts';

export interface OpenedStores {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
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

export async function openStores(
  config: Config,
  given: { readonly documents?: DocumentStore; readonly chunks?: ChunkStore },
): Promise<OpenedStores> {
  const documents = given.documents ?? (await openDocuments(config));
  try {
    const chunks = given.chunks ?? (await openChunks(config));
    return {
      documents,
      chunks,
      async close() {
        if (!given.chunks) await chunks.close();
        if (!given.documents) await documents.close();
      },
    };
  } catch (error) {
    if (!given.documents) await documents.close();
    throw error;
  }
}
