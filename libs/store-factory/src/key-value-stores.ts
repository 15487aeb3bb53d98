import type { KvStore } from '@lucid/kv-store';
import { parseStoreUrl, refuseScheme } from './store-url.ts';

interface OpenKeyValueStoreOptions {
  /** A path or `file:` (a folder of its own), or `memory:`. */
  readonly url: string;
}

/** @throws RangeError, KvError */
export async function openKeyValueStore(options: OpenKeyValueStoreOptions): Promise<KvStore> {
  const place = parseStoreUrl(options.url);
  switch (place.scheme) {
    case 'file': {
      const { openLevelKvStore } = await import('@lucid/kv-level');
      return openLevelKvStore({ path: place.path });
    }
    case 'memory': {
      const { createMemoryKvStore } = await import('@lucid/kv-store');
      return createMemoryKvStore();
    }
    default:
      return refuseScheme('keys and values', place, ['file', 'memory']);
  }
}
