/**
 * The chain's state machine under CometBFT: four validators on this machine, each two processes, on a chain that one node began. Load are
 * transfers and `registerSession`. LUCID_COMETBFT names the program, LUCID_KILLS says how often validators are killed (default 4).
 */
import { existsSync } from 'node:fs';
import { lucidGenesis } from '@lucid/chain-application';
import { predeploys } from '@lucid/chain-contracts';
import { keccak256, toHex } from 'viem';
import { accountOf } from '../apps/on-system-chain/test/chain-stack.ts';
import { deliver, Load, SENDERS } from './cometbft/load.ts';
import { CometNetwork } from './cometbft/network.ts';
import type { CometNode } from './cometbft/node.ts';
import { hashOfBlock, Replica } from './cometbft/replica.ts';
import { SNAPSHOT_EVERY_BLOCKS } from './cometbft/settings.ts';
import { seeded, seedOfRun } from './stack/seeded.ts';
import { describeWhere } from './stack/skip-loudly.ts';
import { until } from './stack/until.ts';

const cometbft = process.env.LUCID_COMETBFT ?? '';
const kills = Number(process.env.LUCID_KILLS ?? 4);
const random = seeded(seedOfRun('CometBFT'));
const START_SEC = 1_700_000_000;
const MS = 240_000;

const genesis = lucidGenesis({
  timestampSec: START_SEC,
  alloc: {
    ...Object.fromEntries(Object.entries(predeploys).map(([address, { code }]) => [address, { code }])),
    ...Object.fromEntries(
      Array.from({ length: SENDERS }, (_, index) => [accountOf(index).address, { balance: 10n ** 24n }]),
    ),
  },
});

describeWhere(
  existsSync(cometbft) ? null : 'LUCID_COMETBFT does not name the program',
  'the chain under CometBFT',
)('the chain under CometBFT', () => {
  const load = new Load(random);
  let network: CometNetwork;
  let replica: Replica;
  let failed = true;

  beforeAll(async () => {
    const before = [await load.many(3), await load.many(2)];
    network = await CometNetwork.start({ cometbft, validators: 4, genesis, before });
    replica = await Replica.open(genesis);
  }, MS);

  afterAll(() => network?.close({ keep: failed && process.env.LUCID_KEEP !== undefined }));

  const send = async (count: number): Promise<void> =>
    deliver(await load.many(count), { network, replica, random });

  /** Every node has every block, byte by byte, and the app hash of every height that the replica computed. */
  async function expectAgreement(nodes: readonly CometNode[] = network.alive): Promise<void> {
    await replica.follow(nodes[0]!);
    await until('all nodes have all blocks', async () => {
      const heads = await Promise.all(nodes.map((node) => node.head()));
      return heads.every(({ blockHash }) => blockHash === replica.hashes.at(-1));
    });
    for (let height = 1; height <= replica.height; height++)
      for (const node of nodes) {
        const block = await node.block(height);
        const hash = block === null ? null : hashOfBlock(block);
        expect([height, hash]).toEqual([height, replica.hashes[height]]);
      }
    await expectSameHeights(nodes);
  }

  async function expectSameHeights(nodes: readonly CometNode[]): Promise<void> {
    const top = Math.min(...(await Promise.all(nodes.map((node) => node.height()))));
    let block = 0;
    for (let height = 1; height <= top; height++) {
      const headers = await Promise.all(nodes.map((node) => node.header(height)));
      for (const { appHash, proposer } of headers)
        expect({ appHash, proposer }).toEqual({
          appHash: headers[0]!.appHash,
          proposer: headers[0]!.proposer,
        });
      const at = replica.hashes.indexOf(headers[0]!.appHash as `0x${string}`);
      expect(at).toBeGreaterThanOrEqual(block);
      block = at;
    }
    expect(block).toBeGreaterThanOrEqual(replica.height - 1);
  }

  it(
    'goes on where one node was; all validators make the blocks that one node makes of the same',
    async () => {
      const validators = await Promise.all(network.nodes.map((node) => node.head()));
      for (const { height } of validators) expect(height).toBeGreaterThanOrEqual(2);
      await send(60);
      await send(60);
      await expectAgreement();
      const registered = keccak256(
        Buffer.from('SessionRegistered(bytes32,bytes32,uint64,address,bytes32,uint32)'),
      );
      expect(replica.topics.filter((topic) => topic === registered)).toHaveLength(load.sessions);
      expect(replica.topics).toContain(toHex(load.sessions, { size: 32 }));
      expect([...replica.included.values()].every((status) => status === 1)).toBe(true);
    },
    MS,
  );

  it(
    'an idle chain stands still: no more heights without a block than blocks',
    async () => {
      const [made, heights] = [replica.height, await network.nodes[0]!.height()];
      expect(heights).toBeLessThanOrEqual(2 * made + 2);
    },
    MS,
  );

  it(
    'what cannot be executed is refused by CheckTx, in the words of the chain',
    async () => {
      const refused = await network.nodes[1]!.send(Uint8Array.of(2, 1));
      expect(refused).toMatchObject({ code: 1, log: expect.stringContaining('rlp') });
    },
    MS,
  );

  it(
    `${kills} kills under load: blocks are made meanwhile, and the killed one catches up`,
    async () => {
      for (let kill = 0; kill < kills; kill++) {
        const victim = random.pick(network.nodes);
        const sending = send(20);
        const { height } = await network.nodes[0]!.head();
        const moment = height + random.below(2);
        await until('the moment', async () => (await network.nodes[0]!.head()).height >= moment);
        await victim.kill();
        await sending;
        await send(10);
        await victim.start();
        await send(10);
        await expectAgreement();
      }
    },
    MS,
  );

  it(
    'a proposer that is away is passed over',
    async () => {
      const away = network.nodes[3]!;
      await away.kill();
      // What it proposed before may still be decided.
      await send(1);
      const before = await network.nodes[0]!.height();
      for (let round = 0; round < 6; round++) await send(2);
      const after = await network.nodes[0]!.height();
      const headers = await Promise.all(
        Array.from({ length: after - before }, (_, at) => network.nodes[0]!.header(before + 1 + at)),
      );
      expect(headers.map(({ proposer }) => proposer)).not.toContain(away.address);
      expect(headers.some(({ round }) => round > 0)).toBe(true);
      await away.start();
      await expectAgreement();
    },
    MS,
  );

  it(
    'a proposer of junk is passed over, and its junk is in no block',
    async () => {
      const liar = network.nodes[2]!;
      await liar.kill();
      await send(1);
      const before = await network.nodes[0]!.height();
      await liar.start({ junk: true });
      for (let round = 0; round < 6; round++) await send(2);
      const after = await network.nodes[0]!.height();
      const headers = await Promise.all(
        Array.from({ length: after - before }, (_, at) => network.nodes[0]!.header(before + 1 + at)),
      );
      expect(headers.map(({ proposer }) => proposer)).not.toContain(liar.address);
      expect(headers.some(({ round }) => round > 0)).toBe(true);
      await expectAgreement();
      await liar.kill();
      await liar.start();
    },
    MS,
  );

  it(
    'with two of four nothing is decided; with the third it goes on, and nobody went another way',
    async () => {
      const [first, second, third, fourth] = network.nodes as [CometNode, CometNode, CometNode, CometNode];
      await expectAgreement();
      await Promise.all([third.kill(), fourth.kill()]);
      const decided = await first.height();
      const raws = await load.many(5);
      for (const raw of raws) await first.send(raw);
      await until('both have voted in vain', async () => {
        const steps = await Promise.all([first.step(), second.step()]);
        return steps.every(({ height, step }) => height > decided && step >= 4);
      });
      await replica.follow(first);
      await replica.follow(second);
      expect(raws.filter((raw) => replica.included.has(keccak256(raw)))).toEqual([]);
      await third.start();
      await deliver(raws, { network, replica, random });
      await fourth.start();
      await expectAgreement();
    },
    MS,
  );

  it(
    'a node with nothing joins by a snapshot, follows, and has the same state',
    async () => {
      while (replica.height < 2 * SNAPSHOT_EVERY_BLOCKS) await send(1);
      const height = await network.nodes[0]!.height();
      const joined = await network.join({ height: 1, hash: await network.nodes[0]!.cometHash(1) });
      await until(
        `it has block ${height}`,
        async () => {
          await send(1);
          return (await joined.head()).height > replica.height - 3;
        },
        120_000,
      );
      expect(await joined.block(1)).toBeNull();
      await send(10);
      await until('it follows', async () => (await joined.head()).blockHash === replica.hashes.at(-1));
      failed = false;
    },
    MS,
  );
});
