// Appends to a log until it is killed, and says each answer on standard output: "index entry". Argument: folder, run.
import { join } from 'node:path';
import { openLevelKvStore } from '@lucid/kv-level';
import { createLog } from '../src/domain/log.ts';
import { openHeadMarkFile } from '../src/store/head-mark-file.ts';
import { notary } from './kill-notary.ts';

const [folder = '', run = ''] = process.argv.slice(2);
const kv = await openLevelKvStore({ path: join(folder, 'log'), writeBufferSizeBytes: 256 * 1024 });
const log = await createLog({ kv, notary, mark: openHeadMarkFile(join(folder, 'head.note')) });
process.stdout.write(`open ${log.head().size}\n`);

let next = 0;
const appendOnAndOn = async (worker: number): Promise<void> => {
  for (;;) {
    const name = `${run}/${worker}/${next++}`;
    const entry = Buffer.from(name.padEnd(20 + ((next * 37) % 500), '.'));
    const { index } = await log.append(entry, worker % 4 === 0 ? { key: name } : {});
    process.stdout.write(`${index} ${entry}\n`);
  }
};
await Promise.all(Array.from({ length: 40 }, (_, worker) => appendOnAndOn(worker)));
