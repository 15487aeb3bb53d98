/** The sample service as a program, for the test that runs it in a process of its own. */
import process from 'node:process';
import { runService } from '../src/index.ts';
import { createGate, notesService } from './sample-service.ts';

const gate = createGate();
// Tells its parent that a request waits, and answers it when the parent says so: no test sleeps.
gate.onWait = () =>
  new Promise((resolve) => {
    process.once('message', (message) => resolve(String(message)));
    process.send?.('waiting');
  });
process.on('disconnect', () => {});

await runService(notesService, process, { gate });
process.channel?.unref();
