import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { sessionApi } from './service.ts';

await runService(sessionApi, process);
