import { runService } from '@lucid/service-kit';
import { sessionEncryptor } from './service.ts';

await runService(sessionEncryptor, process);
