import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { onSystemChainClient } from './service.ts';

await runService(onSystemChainClient, process);
