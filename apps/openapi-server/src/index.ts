export type { Adapters } from './context.ts';
export { openapiServer } from './service.ts';
