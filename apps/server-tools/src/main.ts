import process from 'node:process';
import { runServiceOrCommand } from '@lucid/service-kit';
import { commands } from './commands.ts';
import { serverTools } from './service.ts';

await runServiceOrCommand(serverTools, commands, process);
