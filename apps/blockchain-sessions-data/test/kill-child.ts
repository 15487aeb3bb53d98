// Ledger and index over the folder that is the argument, until killed. Has the index made anew, says "rebuilding", and "done" when it is.
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainSessionsDataContract } from '@lucid/contracts';
import { createLog, startAllInOne } from '@lucid/service-kit';
import { blockchainSessionsData } from '../src/index.ts';

const [folder = ''] = process.argv.slice(2);
const stack = await startAllInOne({
  transport: 'local',
  definitions: [blockchainLedger, blockchainSessionsData],
  log: createLog({ level: 'error', destination: { write: (line) => void process.stderr.write(line) } }),
  environment: { ...process.env, LUCID_DOCUMENTS_URL: join(folder, 'documents') },
});
const client = stack.clientOf(blockchainSessionsDataContract);
await client.rebuild();
process.stdout.write('rebuilding\n');
for (;;) {
  const { state, lag } = await client.getStatus();
  if (state === 'following' && lag === 0) break;
}
process.stdout.write('done\n');
