export type { VmAdapters } from './context.ts';
export { blockchainVm } from './service.ts';
