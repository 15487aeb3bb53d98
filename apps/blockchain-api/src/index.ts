export { blockchainApi, blockchainApiRead } from './service.ts';
