export { contractCompiler } from './service.ts';
