// Puts the prepared blocks (file, see chain-kill.test.ts) into a chain until it is killed, and says each answer: "kept HEIGHT".
// Arguments: folder, file. Other entries go to the log meanwhile.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLevelKvStore } from '@lucid/kv-level';
import { createLog } from '../src/domain/log.ts';
import { openHeadMarkFile } from '../src/store/head-mark-file.ts';
import { openKilledChain } from './chain-kill-parts.ts';
import { notary } from './kill-notary.ts';

const [folder = '', file = ''] = process.argv.slice(2);
const blocks = (JSON.parse(readFileSync(file, 'utf8')) as string[]).map((each) =>
  Buffer.from(each, 'base64'),
);
const kv = await openLevelKvStore({ path: join(folder, 'log'), writeBufferSizeBytes: 256 * 1024 });
const log = await createLog({ kv, notary, mark: openHeadMarkFile(join(folder, 'head.note')) });
const chain = await openKilledChain(folder, log);
process.stdout.write(`open ${chain.head?.height ?? -1}\n`);

async function appendOnAndOn(): Promise<void> {
  for (;;) await log.append(Buffer.alloc(200, 1));
}
for (let worker = 0; worker < 20; worker++) void appendOnAndOn();
for (let height = chain.head ? chain.head.height + 1 : 0; height < blocks.length; height++) {
  await chain.put(height, blocks[height] as Buffer);
  process.stdout.write(`kept ${height}\n`);
}
process.stdout.write('done\n');
