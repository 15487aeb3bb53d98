import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { sessionOrchestrator } from './service.ts';

await runService(sessionOrchestrator, process);
