import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { openapiServer } from './service.ts';

await runService(openapiServer, process);
