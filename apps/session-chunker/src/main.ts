import { runService } from '@lucid/service-kit';
import { sessionChunker } from './service.ts';

await runService(sessionChunker, process);
