/** kill -9 of chain and service while votes are handed in, over LMDB and LevelDB: each is cast once. LUCID_KILLS says how often. */
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Hex } from 'viem';
import { buildProgram } from '../../on-system-chain/test/build-program.ts';
import { killedProgram } from '../../on-system-chain/test/killed-program.ts';
import type { HandedVotes } from './kill-votes.ts';
import { accountOf, addressOf, PAYER, World } from './world.ts';

jest.setTimeout(400_000);

const kills = Number(process.env.LUCID_KILLS ?? 4);
const VOTERS = Array.from({ length: 24 }, (_, at) => 20 + at);

let world: World;
let program = '';
let proposalId = '';
let handed: HandedVotes;
let running: ChildProcess | undefined;
beforeAll(async () => {
  program = await buildProgram(join(__dirname, 'kill-child.ts'));
  world = await World.start({ founders: [1, ...VOTERS], keepsFiles: true });
  proposalId = await world.propose();
  await world.openVoting(proposalId);
  const { domain, primaryType, types } = await world.client.prepareVote({
    params: { proposalId },
    body: { voter: addressOf(20), support: 'for' },
  });
  const { EIP712Domain: _, ...ballot } = types;
  const votes = VOTERS.map(async (account) => {
    const voter = addressOf(account);
    const message = { proposalId, support: 1, voter, nonce: '0' };
    const typed = { domain, primaryType, types: ballot, message };
    const signature: Hex = await accountOf(account).signTypedData(typed as never);
    return { voter, support: 'for' as const, signature };
  });
  handed = { proposalId, votes: await Promise.all(votes) };
  await writeFile(join(world.folder, 'votes.json'), JSON.stringify(handed));
});
afterAll(() => {
  running?.kill('SIGKILL');
  return world?.dispose();
});

/** What it said before it was killed. */
const killOnce = (afterMs: number): Promise<string[]> =>
  killedProgram(program, {
    args: [world.folder, String(world.clock.nowMs())],
    environment: world.environment,
    afterMs,
    onStarted: (child) => {
      running = child;
    },
  });

test(`${kills} times kill -9`, async () => {
  const before = await world.nonceOf(PAYER);
  await world.close();
  const taken = new Set<string>();
  let middle = 0;
  for (let run = 0; run < kills; run++) {
    const lines = await killOnce(run * 60);
    if (!lines.includes('done')) middle += 1;
    for (const line of lines) if (line !== 'done') taken.add(line);
  }
  expect(middle).toBeGreaterThan(0);
  await world.open();
  // What was taken comes to the chain by itself; the rest is handed in again, and so is all of it.
  for (const relayId of taken) await world.included({ relayId });
  const { votes } = handed;
  const params = { proposalId };
  const relays = await Promise.all(votes.map((body) => world.client.castVote({ params, body })));
  for (const relay of relays) await world.included(relay);
  const cast = (await world.client.listVotes({ params, query: { limit: 1000 } })).votes;
  expect(cast.map(({ voter }) => voter).sort()).toEqual(votes.map(({ voter }) => voter).sort());
  expect(await world.nonceOf(PAYER)).toBe(before + votes.length);
});
