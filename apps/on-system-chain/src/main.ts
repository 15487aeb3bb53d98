import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { onSystemChain } from './service.ts';

await runService(onSystemChain, process);
