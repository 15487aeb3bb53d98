import { runService } from '@lucid/service-kit';
import { blockchainLedger } from './service.ts';

await runService(blockchainLedger, process);
