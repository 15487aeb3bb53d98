export { openapiGateway } from './service.ts';
