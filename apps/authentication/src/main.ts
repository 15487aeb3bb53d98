import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { authentication } from './service.ts';

await runService(authentication, process);
