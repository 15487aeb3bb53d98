export { type OpenChunkStoreOptions, openChunkStore, type S3Keys } from './chunk-stores.ts';
export { type OpenDocumentStoreOptions, openDocumentStore } from './document-stores.ts';
export { type OpenKeyValueStoreOptions, openKeyValueStore } from './key-value-stores.ts';
export {
  openServiceStores,
  openUpon,
  type ServiceStores,
  type ServiceStoresOptions,
  type StoreSettings,
} from './service-stores.ts';
export { parseStoreUrl, type S3Place, type StorePlace, type StoreScheme } from './store-url.ts';
