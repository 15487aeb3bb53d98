/** Writes lines and then stays or ends: what of them has arrived says what was written when. */
import process from 'node:process';
import { createLog, logDestination } from '../src/index.ts';

const [, , end, count = '1'] = process.argv;
// Nothing is flushed by and by.
globalThis.setInterval = (() => ({ unref() {} })) as unknown as typeof setInterval;
const log = createLog({ level: 'info', destination: logDestination(1) });

for (let each = 0; each < Number(count); each++) log.info({ padding: 'x'.repeat(100) }, 'line');
if (end === 'error' || end === 'fatal') {
  log[end]('urgent');
  process.on('message', () => {});
}
if (end === 'exit') process.exit(0);
if (end === 'throw') throw new Error('meant to be');
