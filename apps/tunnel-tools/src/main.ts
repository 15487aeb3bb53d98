import process from 'node:process';
import { runServiceOrCommand } from '@lucid/service-kit';
import { commands } from './commands.ts';
import { tunnelTools } from './service.ts';

await runServiceOrCommand(tunnelTools, commands, process);
