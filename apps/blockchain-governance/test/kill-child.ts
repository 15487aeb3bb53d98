// Chain and service over the folder that is the first argument, at the time that is the second. Hands in the signed votes of votes.json and says
// the relay of each that was taken; "done" when all are in blocks.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainVm } from '@lucid/blockchain-vm';
import { blockchainGovernanceContract } from '@lucid/contracts';
import { onSystemChain } from '@lucid/on-system-chain';
import { createLog, startAllInOne } from '@lucid/service-kit';
import { eventually } from '../../on-system-chain/test/chain-stack.ts';
import { blockchainGovernance } from '../src/index.ts';
import { FastClock } from './fast-clock.ts';
import type { HandedVotes } from './kill-votes.ts';

const [folder = '', startMs = ''] = process.argv.slice(2);
const { proposalId, votes } = JSON.parse(await readFile(join(folder, 'votes.json'), 'utf8')) as HandedVotes;
const clock = new FastClock({ startMs: Number(startMs) });
const stack = await startAllInOne({
  transport: 'local',
  definitions: [blockchainLedger, blockchainVm, onSystemChain, blockchainGovernance],
  log: createLog({ level: 'fatal', destination: { write: (line) => void process.stderr.write(line) } }),
  environment: { ...process.env, LUCID_DOCUMENTS_URL: join(folder, 'documents') },
  clock,
  adapters: { 'on-system-chain': { steadyMs: clock.nowMs } },
});
const client = stack.clientOf(blockchainGovernanceContract);
const params = { proposalId };
const cast = (body: (typeof votes)[number]) => client.castVote({ params, body }).catch(() => null);
const handIn = async (body: (typeof votes)[number]) => {
  const { relayId } = await eventually(() => cast(body));
  process.stdout.write(`${relayId}\n`);
  await eventually(async () => (await cast(body))?.state === 'included');
};
await Promise.all(votes.map(handIn));
process.stdout.write('done\n');
