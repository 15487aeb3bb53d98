import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { apiServer } from './service.ts';

await runService(apiServer, process);
