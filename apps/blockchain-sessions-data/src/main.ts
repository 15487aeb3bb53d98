import process from 'node:process';
import { runServiceOrCommand } from '@lucid/service-kit';
import { commands } from './commands.ts';
import { blockchainSessionsData } from './service.ts';

await runServiceOrCommand(blockchainSessionsData, commands, process);
