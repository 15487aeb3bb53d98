/** Child of kill.test.ts: goes on with a session, many appends at once, and says each acknowledged index on a line. */
import { writeSync } from 'node:fs';
import { openFilesChunkStore } from '../src/index.ts';
import { killRecord, killSessionId } from './kill-record.ts';

const store = await openFilesChunkStore({ folder: process.argv[2]! });
await store.create(killSessionId);
let next = (await store.head(killSessionId)).records;
writeSync(1, 'ready\n');
const AT_ONCE = 6;
async function run(): Promise<never> {
  for (;;) {
    const index = next;
    next += 1;
    await store.append(killSessionId, index, killRecord(index));
    writeSync(1, `${index}\n`);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, run));
