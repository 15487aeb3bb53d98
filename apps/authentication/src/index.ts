export type { Adapters } from './context.ts';
export { authentication } from './service.ts';
