export { deploymentOrchestrator } from './service.ts';
