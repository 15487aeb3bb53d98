export type { LedgerAdapters } from './context.ts';
export { blockchainLedger } from './service.ts';
