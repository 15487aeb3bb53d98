import process from 'node:process';
import { runService } from '@lucid/service-kit';
import { blockchainApi, blockchainApiRead } from './service.ts';

// One image, two faces: each in a process of its own, so that the one that is read from outside has no way to write.
await runService(process.env.CHAIN_API_FACE === 'full' ? blockchainApi : blockchainApiRead, process);
