import type { ChunkStore } from '@lucid/chunk-store';
import { parseStoreUrl, refuseScheme, type S3Place } from './store-url.ts';

interface S3Keys {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

interface OpenChunkStoreOptions {
  /** A path or `file:` (the sessions folder), `mongodb:`, `s3:` or `memory:`. */
  readonly url: string;
  /** Needed for `s3:`. */
  readonly s3Keys?: S3Keys;
  /** Files only: refuse every write. */
  readonly readOnly?: boolean;
}

async function openS3(place: S3Place, keys: S3Keys | undefined): Promise<ChunkStore> {
  if (keys === undefined) throw new TypeError('chunks at s3: locations need an access key and a secret key');
  const { scheme: _scheme, ...where } = place;
  const { createS3ChunkStore } = await import('@lucid/store-s3');
  return createS3ChunkStore({ ...where, ...keys });
}

/** Opens the adapter the location names; only its driver is loaded. @throws RangeError, TypeError, ChunkStoreError */
export async function openChunkStore(options: OpenChunkStoreOptions): Promise<ChunkStore> {
  const place = parseStoreUrl(options.url);
  switch (place.scheme) {
    case 'file': {
      const { openFilesChunkStore } = await import('@lucid/store-files');
      return openFilesChunkStore({ folder: place.path, readOnly: options.readOnly ?? false });
    }
    case 'mongodb': {
      const { createGridFsChunkStore } = await import('@lucid/store-mongo/chunks');
      return createGridFsChunkStore({ url: place.url });
    }
    case 's3':
      return openS3(place, options.s3Keys);
    case 'memory': {
      const { createMemoryChunkStore } = await import('@lucid/chunk-store');
      return createMemoryChunkStore();
    }
    default:
      return refuseScheme('chunks', place, ['file', 'mongodb', 's3', 'memory']);
  }
}
