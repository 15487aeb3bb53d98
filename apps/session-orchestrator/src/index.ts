export type { Adapters } from './context.ts';
export { sessionOrchestrator } from './service.ts';
