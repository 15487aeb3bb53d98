export { apiGateway } from './service.ts';
