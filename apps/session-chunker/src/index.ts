export { sessionChunker } from './service.ts';
