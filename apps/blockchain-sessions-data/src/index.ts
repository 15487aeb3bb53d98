export { blockchainSessionsData } from './service.ts';
