import type { DocumentStore } from '@lucid/document-store';
import { parseStoreUrl, refuseScheme } from './store-url.ts';

interface OpenDocumentStoreOptions {
  /** A path or `file:` (a folder of its own), `mongodb:`, or `memory:`. */
  readonly url: string;
  /** Clock of leases, milliseconds since 1970; default this machine's. */
  readonly nowMs?: () => number;
}

/** @throws RangeError, DocumentStoreError */
export async function openDocumentStore(options: OpenDocumentStoreOptions): Promise<DocumentStore> {
  const place = parseStoreUrl(options.url);
  const nowMs = options.nowMs ?? Date.now;
  switch (place.scheme) {
    case 'file': {
      const { openLmdbStore } = await import('@lucid/store-lmdb');
      return openLmdbStore({ folder: place.path, nowMs });
    }
    case 'mongodb': {
      const { openMongoStore } = await import('@lucid/store-mongo');
      return openMongoStore({ url: place.url, nowMs });
    }
    case 'memory': {
      const { createMemoryDocumentStore } = await import('@lucid/document-store');
      return createMemoryDocumentStore(new Map(), nowMs);
    }
    default:
      return refuseScheme('documents', place, ['file', 'mongodb', 'memory']);
  }
}
