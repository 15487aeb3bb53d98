/** The stores the host handed over, or those that the configuration names; only the latter are closed here. */
import type { ChunkStore } from '@lucid/chunk-store';
import type { DocumentStore } from '@lucid/document-store';
import { type EncryptorConfig, missing } from '../config.ts';

export interface OpenedStores {
  readonly documents: DocumentStore;
  readonly chunks: ChunkStore;
  close(): Promise<void>;
}

export async function openStores(
  config: EncryptorConfig,
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

async function openDocuments(config: EncryptorConfig): Promise<DocumentStore> {
  const url = config.LUCID_DOCUMENTS_URL ?? config.MONGO_URL;
  if (!url) throw missing('LUCID_DOCUMENTS_URL', 'where documents are kept');
  const { openDocumentStore } = await import('@lucid/store-factory');
  return openDocumentStore({ url });
}

async function openChunks(config: EncryptorConfig): Promise<ChunkStore> {
  const url = config.LUCID_CHUNKS_URL;
  if (!url) throw missing('LUCID_CHUNKS_URL', 'where chunks are kept');
  const { openChunkStore } = await import('@lucid/store-factory');
  const { LUCID_S3_ACCESS_KEY: accessKey, LUCID_S3_SECRET_KEY: secretKey } = config;
  return openChunkStore(accessKey && secretKey ? { url, s3Keys: { accessKey, secretKey } } : { url });
}
