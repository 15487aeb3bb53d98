export { blockchainGovernance } from './service.ts';
