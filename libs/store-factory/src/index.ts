export { openChunkStore } from './chunk-stores.ts';
export { openDocumentStore } from './document-stores.ts';
export { openKeyValueStore } from './key-value-stores.ts';
export {
  openServiceStores,
  openUpon,
  type ServiceStores,
} from './service-stores.ts';
export { parseStoreUrl } from './store-url.ts';
