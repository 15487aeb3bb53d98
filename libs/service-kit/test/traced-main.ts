/** A call through two services with tracing on, as a program: the exporter's own dynamic imports do not run inside jest. */
import process from 'node:process';
import { silentLog } from '../src/index.ts';
import { startTestStack } from '../src/testing.ts';
import { echoContract, echoService, notesService } from './sample-service.ts';

const stack = await startTestStack({
  definitions: [notesService, echoService],
  transport: process.argv[2] === 'tcp' ? 'tcp' : 'local',
  environment: process.env,
  log: silentLog,
});
const call = {
  requestId: 'request-12345',
  signal: new AbortController().signal,
  deadlineAtMs: Date.now() + 10_000,
  traceparent: process.argv[3],
};
try {
  await stack.clientOf(echoContract).ask({ params: { noteId: 'none' } }, { call });
} catch (error) {
  process.stdout.write(String((error as { code?: string }).code));
}
await stack.close();
