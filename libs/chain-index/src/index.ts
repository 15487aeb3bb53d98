export { type ChainLog, type EventPlace, placeKey, placeOf, type Watch } from './chain-log.ts';
export { type IndexCursor, type IndexStore, type IndexStoreOptions, openIndexStore } from './index-store.ts';
export { createIndexWorker } from './index-worker.ts';
export { type Generation, Indexer, type IndexerOptions, isOvertaken } from './indexer.ts';
export type { Ledger } from './ledger-reader.ts';
export { askingLedger, type IndexProblemCode, indexProblem } from './problem.ts';
