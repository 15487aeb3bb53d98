/** kill -9 while the index is made anew, over LMDB: it goes on from where it was, and becomes what it would have been. LUCID_KILLS says how often. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { blockchainLedger } from '@lucid/blockchain-ledger';
import { blockchainSessionsDataContract } from '@lucid/contracts';
import { startTestStack } from '@lucid/service-kit/testing';
import { buildProgram } from '../../on-system-chain/test/build-program.ts';
import { eventually } from '../../on-system-chain/test/chain-stack.ts';
import { killedProgram } from '../../on-system-chain/test/killed-program.ts';
import { blockchainSessionsData } from '../src/index.ts';
import { callOf, environmentOf, sessionOf, World } from './world.ts';

const kills = Number(process.env.LUCID_KILLS ?? 8);
const chunks = 700;
const { sessionId } = sessionOf(1);
let world: World;
let program = '';
beforeAll(async () => {
  program = await buildProgram(join(__dirname, 'kill-child.ts'));
  world = await World.start();
  const hash = 'ab'.repeat(32);
  await world.send(...Array.from({ length: chunks }, (_, at) => callOf.anchorChunk(sessionId, at, hash)));
  await world.indexed();
}, 120_000);
afterAll(() => world?.dispose());

/** True where it was killed before it was done. */
async function killOnce(afterMs: number): Promise<boolean> {
  const { folder } = world;
  const environment = environmentOf(folder);
  return !(await killedProgram(program, { args: [folder], environment, afterMs })).includes('done');
}

test(`${kills} times kill -9`, async () => {
  const { events: before } = await world.client.listChunks({ params: { sessionId }, query: { limit: 1000 } });
  expect(before).toHaveLength(chunks);
  await world.close();
  let middle = 0;
  for (let run = 0; run < kills; run++) if (await killOnce(run * 10)) middle += 1;
  expect(middle).toBeGreaterThan(0);
  world.stack = await startTestStack({
    definitions: [blockchainLedger, blockchainSessionsData],
    environment: {
      ...environmentOf(world.folder),
      LUCID_DOCUMENTS_URL: join(world.folder, 'documents'),
    },
  });
  const client = world.stack.clientOf(blockchainSessionsDataContract);
  await eventually(async () => {
    const { state, lag } = await client.getStatus();
    return state === 'following' && lag === 0;
  });
  const { events } = await client.listChunks({ params: { sessionId }, query: { limit: 1000 } });
  expect(events).toEqual(before);
}, 120_000);
