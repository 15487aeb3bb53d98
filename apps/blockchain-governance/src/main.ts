import process from 'node:process';
import { runServiceOrCommand } from '@lucid/service-kit';
import { commands } from './commands.ts';
import { blockchainGovernance } from './service.ts';

await runServiceOrCommand(blockchainGovernance, commands, process);
