export { onSystemChainClient } from './service.ts';
