export { apiServer } from './service.ts';
