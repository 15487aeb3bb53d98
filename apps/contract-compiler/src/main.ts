import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { contractCompiler } from './service.ts';

await runService(contractCompiler, process);
