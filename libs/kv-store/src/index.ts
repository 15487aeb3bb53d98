export { KvError, type KvErrorCode, kvErrorMeanings } from './kv-error.ts';
export type { KvBatchOptions, KvEntry, KvHealth, KvOperation, KvRange, KvStore } from './kv-store.ts';
export { createMemoryKvStore, type MemoryKvStore } from './memory-kv-store.ts';
