import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { openapiGateway } from './service.ts';

await runService(openapiGateway, process);
