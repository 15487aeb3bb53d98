import { openapiGatewayContract, openapiServerContract } from '@lucid/contracts';
import { defineService } from '@lucid/service-kit';
import { Config } from './config.ts';
import { createContext } from './context.ts';
import { createFront } from './domain/front.ts';
import { documentHandlers } from './handlers/documents.ts';
import { fileHandlers } from './handlers/files.ts';

export const openapiGateway = defineService({
  contract: openapiGatewayContract,
  config: Config,
  uses: { server: openapiServerContract },
  createContext,
  handlers: { ...documentHandlers, ...fileHandlers },
  front: ({ limits, config }, host) =>
    createFront(
      {
        limits,
        requestsPerMinute: config.OPENAPI_REQUESTS_PER_MINUTE,
        maxConnections: config.OPENAPI_MAX_CONNECTIONS,
      },
      host,
    ),
});
