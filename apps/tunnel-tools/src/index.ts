export { commands } from './commands.ts';
export { tunnelTools } from './service.ts';
