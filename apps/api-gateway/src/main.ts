import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { apiGateway } from './service.ts';

await runService(apiGateway, process);
