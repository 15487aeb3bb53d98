export { onSystemChain } from './service.ts';
