import { runService } from '@lucid/service-kit';
import { blockchainVm } from './service.ts';

await runService(blockchainVm, process);
