export { contractDeployment } from './service.ts';
