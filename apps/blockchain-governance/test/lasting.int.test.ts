/** What outlives the service: cuts before and after any write, restarts, the index made anew, another chain. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Collection, DocumentStore } from '@lucid/document-store';
import { DocumentStoreError } from '@lucid/document-store';
import { testGenesis } from '../../on-system-chain/test/chain-stack.ts';
import { blockchainGovernance } from '../src/index.ts';
import { addressOf, codeOf, eventually, FOUNDERS, PAYER, World } from './world.ts';

jest.setTimeout(400_000);

/** Nodes that are reported: they vote by signature and own nothing. */
const VOTERS = Array.from({ length: 12 }, (_, at) => 20 + at);

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world?.dispose());

interface Cut {
  /** Number of the write, from 0, at which the process falls. */
  readonly at: number;
  /** The write is done, and the process never hears of it. */
  readonly isWritten: boolean;
}

/** A process that falls at a write to what is relayed or signed: from then on it writes nothing. */
const falling =
  ({ at, isWritten }: Cut, onFall: () => void) =>
  (store: DocumentStore): DocumentStore => {
    let writes = 0;
    const fall = () => {
      onFall();
      return Promise.reject(new DocumentStoreError('store_unavailable', 'fallen'));
    };
    const guarded = async <T>(write: () => Promise<T>): Promise<T> => {
      const number = writes++;
      if (number > at || (number === at && !isWritten)) return fall();
      const result = await write();
      return number === at ? fall() : result;
    };
    const wrapped = <T extends object>(inner: Collection<T>): Collection<T> =>
      Object.assign(Object.create(inner) as Collection<T>, {
        get: (key: string) => inner.get(key),
        find: (options: Parameters<typeof inner.find>[0]) => inner.find(options),
        insert: (document: T) => guarded(() => inner.insert(document)),
        replace: (document: T, version: number) => guarded(() => inner.replace(document, version)),
      });
    return Object.assign(Object.create(store) as DocumentStore, {
      collection: async (definition: Parameters<DocumentStore['collection']>[0]) => {
        const inner = await store.collection(definition);
        const isWatched = ['governance-relays', 'chain-outbox'].includes(definition.name);
        return isWatched ? wrapped(inner) : inner;
      },
      batch: (operations: Parameters<DocumentStore['batch']>[0]) => store.batch(operations),
      check: () => store.check(),
      close: () => store.close(),
    });
  };

const isSettled = async ({ relayId }: { readonly relayId: string }) =>
  (await world.client.getRelay({ params: { relayId } })).state !== 'waiting';

const votesOf = async (proposalId: string) =>
  (await world.client.listVotes({ params: { proposalId }, query: { limit: 1000 } })).votes.map(
    ({ voter }) => voter,
  );

test('cut off before or after any write, a vote is cast once', async () => {
  for (const account of VOTERS) await world.report(account, 9_000, 1n);
  const proposalId = await world.propose();
  await world.openVoting(proposalId);
  const params = { proposalId };
  const cuts = [0, 1, 2, 3, 4, 5].flatMap((at) => [
    { at, isWritten: false },
    { at, isWritten: true },
  ]);
  const fallen = new Set<Cut>();
  for (const [number, cut] of cuts.entries()) {
    const voter = VOTERS[number] as number;
    const body = await world.signVote(voter, proposalId, 'for');
    const before = await world.nonceOf(PAYER);
    await world.close();
    await world.open({ wrap: falling(cut, () => fallen.add(cut)) });
    const first = await world.client.castVote({ params, body }).catch((error: Error) => error);
    // What is done after the answer, too.
    if (!(first instanceof Error)) await eventually(async () => fallen.has(cut) || (await isSettled(first)));
    await world.close();
    await world.open();
    // Who was answered need not ask again; who was not, does.
    if (first instanceof Error) await world.client.castVote({ params, body });
    await eventually(async () => (await votesOf(proposalId)).includes(addressOf(voter)));
    const relay = await world.settled(await world.client.castVote({ params, body }));
    expect([cut, relay.state]).toEqual([cut, 'included']);
    expect([cut, await world.nonceOf(PAYER)]).toEqual([cut, before + 1]);
  }
  expect(fallen.size).toBeGreaterThan(cuts.length / 2);
  const votes = await votesOf(proposalId);
  expect(votes).toEqual(VOTERS.slice(0, cuts.length).map(addressOf));
});

test('after a restart the keeper goes on with what is due', async () => {
  const changes = [{ name: 'MAX_PEERS', value: '70' }];
  const proposalId = await world.propose({ changes, level: 'urgent' });
  await world.openVoting(proposalId);
  await Promise.all([...FOUNDERS, ...VOTERS].map((account) => world.vote(account, proposalId)));
  const { votingEndsAtSec } = await world.get(proposalId);
  await world.close();
  world.clock.setTo((votingEndsAtSec + 1) * 1000);
  await world.open();
  const { etaSec } = await world.atStage(proposalId, 'queued');
  await world.close();
  world.clock.setTo((etaSec ?? 0) * 1000);
  await world.open();
  await world.atStage(proposalId, 'executed');
  expect((await world.client.getParameter({ params: { name: 'MAX_PEERS' } })).value).toBe('70');
});

/** Everything that the index says. */
async function dump() {
  const query = { limit: 50 };
  const { proposals } = await world.client.listProposals({ query });
  const votes = await Promise.all(proposals.map(({ proposalId }) => votesOf(proposalId)));
  const params = { name: 'MAX_PEERS' };
  return {
    ...{ proposals, votes },
    ...(await world.client.listParameters()),
    ...(await world.client.listParameterChanges({ params, query })),
    ...(await world.client.listNodes({ query })),
  };
}

test('an index made anew is the same, and so is one after a restart', async () => {
  const before = await dump();
  expect(before.proposals.length).toBeGreaterThan(1);
  expect(['clearing', 'behind', 'following']).toContain((await world.client.rebuild()).state);
  await eventually(async () => {
    const { state, lag } = await world.client.getStatus();
    return state === 'following' && lag === 0;
  });
  expect(await dump()).toEqual(before);
  await world.close();
  await world.open();
  expect(await dump()).toEqual(before);
});

test('where the chain is away it says so', async () => {
  const { proposals } = await world.client.listProposals({ query: { limit: 1 } });
  await world.close();
  await world.open({ definitions: [blockchainGovernance] });
  for (const asked of [
    world.client.listProposals({ query: { limit: 1 } }),
    world.get(proposals[0]?.proposalId ?? ''),
    world.client.getGovernance(),
    world.client.getNode({ params: { node: addressOf(1) } }),
    world.prepare(),
    world.client.rebuild(),
  ])
    expect(await codeOf(asked)).toBe('chain_unavailable');
  expect((await world.client.getStatus()).state).toBe('unreachable');
  await world.close();
});

test('another chain under the same index is noticed, and is indexed when the operator says so', async () => {
  for (const each of ['ledger', 'vm', 'chain']) await rm(join(world.folder, each), { recursive: true });
  await writeFile(
    join(world.folder, 'genesis.json'),
    JSON.stringify({ ...testGenesis(), extraData: '0x01' }),
  );
  await world.open();
  // At the same address, since the same account deploys it.
  const { governor } = world.deployed;
  world.deployed = await world.deploy();
  expect(world.deployed.governor).toBe(governor);
  await eventually(async () => (await world.client.getStatus()).state === 'replaced');
  expect(await codeOf(world.client.listProposals({ query: { limit: 1 } }))).toBe('chain_replaced');
  expect(await codeOf(world.client.listParameters())).toBe('chain_replaced');
  await world.client.rebuild();
  const proposalId = await eventually(() => world.propose().catch(() => null));
  expect((await world.get(proposalId)).stage).toBe('pending');
  const { proposals } = await world.client.listProposals({ query: { limit: 50 } });
  expect(proposals).toHaveLength(1);
});
