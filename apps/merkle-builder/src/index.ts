export { merkleBuilder } from './service.ts';
