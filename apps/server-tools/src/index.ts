export { commands } from './commands.ts';
export { serverTools } from './service.ts';
