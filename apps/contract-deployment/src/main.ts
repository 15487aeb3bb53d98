import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { contractDeployment } from './service.ts';

await runService(contractDeployment, process);
