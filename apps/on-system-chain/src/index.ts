export type { Following } from './peers/follow-worker.ts';
export type { PeerAdapters } from './peers/peers.ts';
export { onSystemChain } from './service.ts';
