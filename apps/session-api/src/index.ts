export { sessionApi } from './service.ts';
