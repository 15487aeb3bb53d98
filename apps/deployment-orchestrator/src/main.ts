import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { deploymentOrchestrator } from './service.ts';

await runService(deploymentOrchestrator, process);
