import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { merkleBuilder } from './service.ts';

await runService(merkleBuilder, process);
