import { runService } from '@lucid/service-kit';
import { sessionRecorder } from './service.ts';

await runService(sessionRecorder, process);
