export { type LmdbStoreOptions, openLmdbStore } from './lmdb-store.ts';
